// Battlemap: the one connection of a browser to /live. As a SharedWorker it serves all tabs; where there is no SharedWorker, live.js loads this file into the page
// that leads. It tells { kind, data }: "hello" (version, no), "journal" (no, items, all), "reload", "silent" (since), "alive".
'use strict';
self.battlemapFeed = (tell) => {
  let source = null, heard = 0, beat = 15, quiet = 0, retry = 0, last = null, state = null, watch = 0;
  const alive = () => {
    heard = Date.now();
    if (quiet) tell({ kind: 'alive' });
    quiet = 0;
  };
  const silent = () => { if (!quiet) { quiet = heard || Date.now(); tell({ kind: 'silent', since: quiet }); } };
  const take = (kind) => (e) => {
    const data = JSON.parse(e.data);
    if (kind === 'hello') { beat = data.beat; retry = 0; state = data; }
    if (kind === 'day') state.day = data.day;
    last = Math.max(last || 0, data.no);
    alive();
    tell({ kind, data });
  };
  const open = () => {
    if (source) source.close();
    source = new EventSource('/live' + (last === null ? '' : '?after=' + last));
    for (const kind of ['hello', 'journal', 'reload', 'day']) source.addEventListener(kind, take(kind));
    source.addEventListener('beat', alive);
    source.addEventListener('error', () => {
      silent();
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      retry = Math.min(retry + 1, 6);
      setTimeout(open, 500 * 2 ** retry); // the session is over, or the server is: a page that signs in again finds the feed
    });
  };
  return {
    start: () => { if (!source) { open(); watch = setInterval(() => { if (heard && Date.now() - heard > 2000 * beat) silent(); }, 1000); } },
    stop: () => { if (source) source.close(); source = null; clearInterval(watch); },
    state: () => ({ ...state, no: last, quiet }),
  };
};
if (typeof SharedWorkerGlobalScope !== 'undefined') {
  const ports = new Set();
  const feed = self.battlemapFeed((message) => { for (const port of ports) port.postMessage(message); });
  self.onconnect = (e) => {
    const port = e.ports[0];
    ports.add(port);
    port.onmessage = ({ data }) => {
      if (data !== 'bye') return;
      ports.delete(port);
      if (!ports.size) feed.stop();
    };
    const now = feed.state();
    if (now.no !== null) port.postMessage({ kind: 'hello', data: now });
    if (now.quiet) port.postMessage({ kind: 'silent', since: now.quiet });
    feed.start();
  };
}

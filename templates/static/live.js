// Battlemap: live pages. Pages with #board or [data-live] hear of new records of the journal and fire "journal" on <body> with { no, items, all, reload }.
// All tabs of a browser share one connection; hidden ones go on hearing. A page that may be out of date says since when.
'use strict';
(() => {
  const kit = document.getElementById('live');
  const board = document.getElementById('board');
  if (!kit || !window.EventSource || !(board ? !board.dataset.past : document.querySelector('[data-live]'))) return;
  const [text, button] = [kit.querySelector('span'), kit.querySelector('button')];
  const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  let no = board ? Number(board.dataset.journal) : null; // up to where this page shows the journal
  let day = kit.dataset.day; // of which this page shows what is left
  let outdated = false;

  const say = (words, again) => { text.textContent = words; button.hidden = !again; kit.hidden = !words; };
  button.addEventListener('click', () => location.reload());
  const fire = (data) => { no = Math.max(no || 0, data.no); document.body.dispatchEvent(new CustomEvent('journal', { detail: data })); };

  // What happened between the drawing of this page and now, when the shared connection was already further.
  const catchUp = async () => {
    try {
      const answer = await fetch('/live/since?after=' + no, { headers: { Accept: 'application/json' } });
      if (!answer.ok || answer.redirected) return;
      const data = await answer.json();
      if (data.reload || data.all || data.items.length) fire(data); else no = data.no;
    } catch { /* the connection says that the server is away */ }
  };
  const hear = ({ kind, data, since }) => {
    switch (kind) {
      case 'hello':
        if (kit.dataset.version && data.version && data.version !== kit.dataset.version) { outdated = true; say(kit.dataset.fresh, true); }
        if (data.day > day) { day = data.day; fire({ no: data.no, items: [], reload: true }); break; } // it slept over midnight
        if (no === null) no = data.no; else if (data.no !== null && data.no > no) catchUp();
        break;
      case 'journal': fire(data); break;
      case 'day': day = data.day; // falls through
      case 'reload': fire({ ...data, reload: true }); break;
      case 'silent': say(kit.dataset.stale.replace('{time}', clock(since)), false); document.body.dataset.stale = since; break;
      case 'alive':
        delete document.body.dataset.stale;
        if (outdated) say(kit.dataset.fresh, true); else say('', false);
    }
  };

  let end = () => {};
  const share = () => {
    const port = new SharedWorker(kit.dataset.worker, { name: 'live ' + kit.dataset.key }).port;
    port.onmessage = (e) => hear(e.data);
    port.start();
    end = () => port.postMessage('bye');
  };
  // Without SharedWorker (Chrome on Android) one page leads and tells the others; without locks (plain http) each visible page listens for itself.
  const load = (then) => {
    const script = document.createElement('script');
    script.src = kit.dataset.worker;
    script.onload = then;
    document.head.append(script);
  };
  const lead = () => load(() => {
    const channel = new BroadcastChannel('live ' + kit.dataset.key);
    channel.onmessage = (e) => hear(e.data);
    navigator.locks.request('live ' + kit.dataset.key, () => new Promise((done) => {
      const feed = self.battlemapFeed((m) => { channel.postMessage(m); hear(m); });
      feed.start();
      end = () => { feed.stop(); done(); };
    }));
  });
  const alone = () => load(() => {
    const feed = self.battlemapFeed(hear);
    const look = () => { if (document.hidden) feed.stop(); else { feed.start(); if (no !== null) catchUp(); } };
    document.addEventListener('visibilitychange', look);
    end = () => feed.stop();
    look();
  });
  const begin = () => { if (window.SharedWorker) share(); else if (navigator.locks && window.BroadcastChannel) lead(); else alone(); };
  window.addEventListener('pagehide', () => end());
  window.addEventListener('pageshow', (e) => { if (e.persisted) { begin(); if (no !== null) catchUp(); } });
  begin();
})();

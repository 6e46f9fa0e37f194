// The big screen, unattended: it asks for itself when the journal has grown and at least once a minute, turns its slides, runs its clock by the server's time,
// says when it is stale, and comes back by itself after a restart, sleep or a lost network. What it shows is replaced, never added to.
(() => {
  'use strict';
  const main = document.getElementById('wall');
  if (!main || !main.firstElementChild) return;
  const minute = 60e3, root = document.documentElement;
  const find = what => main.querySelector(what), all = what => [...main.querySelectorAll(what)];
  const facts = () => main.firstElementChild.dataset;
  const jitter = ms => ms * (.5 + Math.random());
  const loaded = performance.now(), build = facts().build, quiet = Math.floor(Math.random() * 60);
  const first = Math.max(0, all('[data-slide]').findIndex(s => !s.hidden));
  let tag = '', fails = 0, busy = false, again = false, asked = 0, since = '', turn = 0, beat = Date.now(), day = 0;
  let source = null, broken = 0, reconnect = 0, soon = 0;
  let server = Number(facts().now || 0) * 1000, at = Date.now(); // the server's clock, and ours when it was told

  const closed = () => 'closed' in facts();
  const now = () => 'stands' in facts() ? server : server + Date.now() - at; // in the simulation the clock stands between two answers
  const local = () => now() + Number(facts().zone || 0) * 1000;
  const clock = () => new Date(local()).toISOString().slice(11, 16);
  const write = (what, text) => { const e = find(what); if (e && e.textContent !== text) e.textContent = text; };

  // show puts the slide and the page of the red list of this turn in place of the others.
  function show(turned) {
    for (const kind of ['[data-slide]', '[data-red]', '.wall-flags li']) {
      const list = all(kind), on = list.length ? (turn + first) % list.length : 0;
      list.forEach((e, i) => {
        if (kind === '.wall-flags li') { e.classList.toggle('on', i === on); return; }
        e.classList.toggle('turned', turned && list.length > 1 && i === on);
        e.hidden = i !== on;
      });
    }
  }

  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').body.firstElementChild;
    if (!fresh) return;
    main.replaceChildren(document.adoptNode(fresh));
    show(false);
  }

  // stale says since when nothing was heard; the day is told by this browser then, since the page's may be over.
  function stale(is) {
    const box = find('.wall-stale');
    if (!box) return;
    box.hidden = !is;
    main.firstElementChild.classList.toggle('is-stale', is);
    if (is && since) write('[data-since]', since);
  }

  function heard(answer) {
    const told = Number(answer.headers.get('X-Wall-Now'));
    if (told) { server = told * 1000; at = Date.now(); }
    if (fails > 1) listen();
    fails = 0;
    stale(false);
    const today = find('[data-day]');
    since = (today ? today.textContent + ' ' : '') + clock();
    write('[data-asof]', clock());
    day = Math.floor(local() / (24 * 60 * minute));
    tick();
  }

  async function ask() {
    if (busy) { again = true; return; }
    busy = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { 'X-Fragment': 'main', 'X-Background': '1', 'If-None-Match': tag }, cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(20e3) });
      if (answer.type === 'opaqueredirect') { location.reload(); return; } // the session is over: the sign-in page says so
      if (!answer.headers.get('X-Wall')) throw new Error('not our answer');
      if (answer.status !== 304) {
        const text = await answer.text();
        tag = answer.headers.get('ETag') || '';
        const was = closed();
        replace(text);
        if (facts().build !== build && performance.now() - loaded > minute) { location.reload(); return; } // a new version of the program
        if (was && !closed()) listen();
      }
      heard(answer);
    } catch {
      fails++;
      if (fails > 1) stale(true);
      clearTimeout(soon);
      soon = setTimeout(ask, jitter(Math.min(minute, 1e3 * 2 ** Math.min(fails, 6))));
    } finally {
      busy = false;
      if (again) { again = false; later(); }
    }
  }

  // later asks a moment from now: one asking for several events, and not every screen in the same instant.
  function later() {
    clearTimeout(soon);
    soon = setTimeout(ask, jitter(300));
  }

  // listen opens the stream anew; when it breaks, asking tells why.
  function listen() {
    clearTimeout(reconnect);
    if (source) source.close();
    source = null;
    if (closed()) return;
    source = new EventSource(location.pathname + '/live');
    source.onopen = () => { broken = 0; };
    source.addEventListener('journal', later);
    source.onerror = () => {
      source.close();
      source = null;
      later();
      reconnect = setTimeout(listen, jitter(Math.min(minute, 1e3 * 2 ** Math.min(broken++, 6))));
    };
  }

  function tick() {
    if (closed()) return;
    write('[data-clock]', clock());
    const d = Math.floor(local() / (24 * 60 * minute));
    if (!day) day = d;
    if (d !== day) { // midnight: the page of the new day, or at least its date
      day = d;
      if (fails > 1) {
        write('[data-day]', new Intl.DateTimeFormat(root.lang, { timeZone: 'UTC', dateStyle: 'full' }).format(local()));
        write('[data-day-kind]', '');
      }
      later();
    }
    const n = Math.floor((performance.now() - loaded) / (1000 * Number(facts().every || 20)));
    if (n !== turn) { turn = n; show(true); }
  }

  // night loads the page anew once a night, in a minute of its own, when the server is known to answer: that frees what a browser gathers in a day.
  async function night() {
    const here = new Date();
    if (here.getHours() !== 3 || here.getMinutes() !== quiet || performance.now() - loaded < 360 * minute || fails || busy) return; // busy: nobody knows yet whether it answers
    await ask();
    if (!fails) location.reload();
  }

  function second() {
    const gap = Date.now() - beat;
    beat = Date.now();
    if (gap > 15e3) { listen(); later(); } // the machine slept
    tick();
    if (Date.now() - asked > (closed() ? 5 * minute : .9 * minute) && !busy && fails === 0) ask();
    night();
  }

  function awake() {
    if (document.visibilityState !== 'visible') return;
    if (navigator.wakeLock) navigator.wakeLock.request('screen').catch(() => {});
    later();
  }

  let still = 0;
  function moved() {
    root.classList.remove('wall-still');
    clearTimeout(still);
    still = setTimeout(() => root.classList.add('wall-still'), 4e3);
  }

  document.addEventListener('visibilitychange', awake);
  document.addEventListener('mousemove', moved);
  window.addEventListener('online', () => { listen(); later(); });
  setInterval(second, 1e3);
  show(false);
  tick();
  moved();
  awake();
  listen();
})();

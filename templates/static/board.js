// Battlemap: a board is moved by mouse, by touch, by keyboard and by menu; other people's moves come in live. Everything here goes by the same forms as the pages
// without JavaScript: GET /move says what may be done, POST /move does it. Words come from #board-words. Keys: arrows, Space, Enter, m, x, z, Escape.
'use strict';
(() => {
  const body = document.getElementById('map-body');
  const dialog = document.getElementById('move-dialog');
  if (!body || !dialog) return;
  const words = document.getElementById('board-words').dataset;
  const speaker = document.getElementById('board-say');
  const bar = document.getElementById('board-bar');
  const menuButton = document.getElementById('board-menu').content.firstElementChild;
  const toasts = document.getElementById('toasts');
  const board = () => document.getElementById('board');
  const cardOf = (el) => el && el.closest ? el.closest('#board [data-item]') : null;
  const byItem = (item) => board() && board().querySelector('[data-item="' + CSS.escape(item) + '"]');
  const nameOf = (card) => card.querySelector('.card-link').textContent.trim();
  const fill = (text, args) => text.replace(/\{(\w+)\}/g, (_, name) => args[name]);
  const columnName = (col) => { const th = body.querySelector('thead th[data-col="' + CSS.escape(col) + '"]'); return th ? th.firstChild.textContent.trim() : col; };
  const say = (text) => { speaker.textContent = ''; requestAnimationFrame(() => { speaker.textContent = text; }); };
  let busy = null; // what is being carried: 'drag' or 'keys'; updates wait meanwhile

  // --- Asking and doing ---
  const ask = async (address, form) => {
    const answer = await fetch(address, { method: form ? 'POST' : 'GET', headers: { Accept: 'application/json' }, body: form ? new URLSearchParams(form) : undefined });
    if (answer.redirected) { location.reload(); throw new Error('signed out'); } // the session is over: the page asks to sign in
    if (answer.status === 404) return { done: false, said: words.none, item: '', moves: [] }; // it went out of this person's sight
    if (!answer.ok && answer.status !== 409 && answer.status !== 422) throw new Error('status ' + answer.status);
    return answer.json();
  };
  const part = async (address) => {
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } });
    if (answer.headers.get('HX-Refresh')) location.reload();
    if (!answer.ok || answer.redirected) throw new Error('status ' + answer.status);
    return answer.text();
  };
  const failed = () => toast(words.failed, 'bad');

  // --- Toasts, and taking back ---
  let undo = null; // the newest offer, for the key z
  const toast = (text, tone, offer, label) => {
    const el = document.createElement('div');
    el.className = 'toast ' + (tone || '');
    el.append(Object.assign(document.createElement('span'), { textContent: text }));
    const gone = () => { el.remove(); if (undo === offer) undo = null; };
    if (offer) {
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn small', textContent: label });
      button.addEventListener('click', () => { gone(); offer(); });
      el.append(button);
      undo = tone ? undo : offer;
    }
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn small quiet', textContent: words.close });
    close.addEventListener('click', gone);
    el.append(close);
    toasts.append(el);
    while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
    if (!tone) setTimeout(gone, 60000);
    say(text + (offer ? ' ' + label : ''));
    return gone;
  };

  // --- The dialog: the menu of a card, the facts of a move, what changed meanwhile, several at once ---
  let origin = null; // the item to whose card the focus goes back
  const open = (html, item) => {
    dialog.innerHTML = html;
    origin = item || origin;
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector('[aria-invalid], [autofocus]') || dialog.querySelector('form button, .move-list a, button');
    if (first) first.focus();
  };
  const menu = async (card) => {
    try { open(await part('/move?item=' + encodeURIComponent(card.dataset.item)), card.dataset.item); } catch { failed(); }
  };
  const facts = async (item, move) => {
    try { open(await part('/move?item=' + encodeURIComponent(item) + '&move=' + encodeURIComponent(move)), item); } catch { failed(); }
  };
  dialog.addEventListener('close', () => {
    dialog.replaceChildren();
    const card = origin && byItem(origin);
    origin = null;
    if (card) focusCard(card);
  });
  dialog.addEventListener('click', (e) => {
    const link = e.target.closest('a[data-move], a[data-close]');
    if (!link) { if (e.target === dialog) dialog.close(); return; }
    e.preventDefault();
    if ('close' in link.dataset) { e.stopPropagation(); dialog.close(); return; }
    facts(origin, link.dataset.move);
  });
  dialog.addEventListener('submit', async (e) => {
    const form = e.target;
    e.preventDefault();
    e.stopPropagation();
    const data = new FormData(form, e.submitter);
    const path = new URL(form.action).pathname;
    try {
      if (form.method === 'get') { open(await part(path + '?' + new URLSearchParams(data)), origin); return; }
      if (path === '/moves') { many(await ask(path, data)); return; }
      settle(await ask(path, data));
    } catch { dialog.close(); failed(); }
  });
  document.addEventListener('submit', (e) => { if (dialog.contains(e.target)) delete e.target.dataset.sent; });

  // settle says what came of a move: done with a way back, the form again, or what somebody else has changed.
  const settle = (answer) => {
    if (!answer.done) {
      if (answer.html) {
        if (dialog.open || !answer.stale) open(answer.html, answer.item);
        else toast(answer.said, 'warn', () => open(answer.html, answer.item), words.retry);
        if (dialog.open) say(answer.said);
      } else toast(answer.said, 'bad');
      renew([answer.item]);
      return;
    }
    origin = answer.item;
    if (dialog.open) dialog.close();
    const way = answer.undo;
    if (!way) toast(answer.said);
    else if (way.move) toast(answer.said, '', () => facts(answer.item, way.move), way.title);
    else toast(answer.said, '', () => takeBack(answer), way.title);
    renew([answer.item]);
  };
  const takeBack = async (answer) => {
    try {
      const back = await ask('/move/undo', { item: answer.item, version: answer.version });
      toast(back.said, back.done ? '' : 'bad');
      renew([answer.item]);
    } catch { failed(); }
  };
  const make = async (card, choice) => {
    const item = card.dataset.item;
    if (choice.asks || choice.grave) { facts(item, choice.move); return; }
    try { settle(await ask('/move', { item, version: card.dataset.version, move: choice.move })); } catch { failed(); }
  };
  const choicesOf = (card) => ask('/move?item=' + encodeURIComponent(card.dataset.item));
  // where a card can go: the first (usual) move to each column.
  const targets = (choices) => {
    const to = new Map();
    for (const m of choices.moves) if (m.to !== choices.at && !to.has(m.to)) to.set(m.to, m);
    return to;
  };

  // --- One tab stop: arrows move between cards ---
  let active = null;
  const reach = (card, on) => { card.tabIndex = on ? 0 : -1; for (const a of card.querySelectorAll('a')) a.tabIndex = on ? 0 : -1; };
  const activate = (card) => {
    if (active && active !== card) { reach(active, false); active.removeAttribute('aria-describedby'); }
    active = card;
    reach(card, true);
    card.setAttribute('aria-describedby', 'board-how');
    if (card.matches('.card')) card.append(menuButton);
  };
  const focusCard = (card) => { activate(card); card.focus({ preventScroll: false }); };
  const prepare = () => {
    const all = board();
    if (!all || all.dataset.past) return;
    all.tabIndex = -1;
    const links = [...all.querySelectorAll('[data-item] a')];
    const some = () => { for (const a of links.splice(0, 1500)) if (!active || !active.contains(a)) a.tabIndex = -1; if (links.length) requestIdleCallback(some); };
    (window.requestIdleCallback ? requestIdleCallback : setTimeout)(some);
    const first = active && active.isConnected ? active : all.querySelector('[data-item]');
    if (first) activate(first);
    for (const item of chosen) { const card = byItem(item); if (card) card.classList.add('chosen'); }
  };
  document.addEventListener('focusin', (e) => { const card = cardOf(e.target); if (card && card !== active) activate(card); });
  body.addEventListener('pointerover', (e) => { const card = cardOf(e.target); if (card && card.matches('.card') && e.pointerType === 'mouse' && !busy) card.append(menuButton); });
  menuButton.addEventListener('click', (e) => { e.preventDefault(); e.stopPropagation(); menu(cardOf(menuButton)); });

  const cardsIn = (cell) => [...cell.querySelectorAll('[data-item]')];
  const neighbour = (card, key) => {
    const cell = card.closest('td.cell');
    if (!cell) { // the months view: one line each
      const rows = [...board().querySelectorAll('[data-item]')], i = rows.indexOf(card);
      return key === 'ArrowDown' ? rows[i + 1] : key === 'ArrowUp' ? rows[i - 1] : null;
    }
    const here = cardsIn(cell), at = here.indexOf(card);
    const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      if (here[at + step]) return here[at + step];
      for (let row = cell.parentElement; (row = step > 0 ? row.nextElementSibling : row.previousElementSibling);) {
        const cards = cardsIn(row.children[cell.cellIndex]);
        if (cards.length) return step > 0 ? cards[0] : cards[cards.length - 1];
      }
      return null;
    }
    for (let next = cell; (next = step > 0 ? next.nextElementSibling : next.previousElementSibling);) {
      const cards = cardsIn(next);
      if (cards.length) return cards[Math.min(at, cards.length - 1)];
    }
    return null;
  };

  // --- Choosing several ---
  const chosen = new Set();
  const choose = (card) => {
    const item = card.dataset.item, on = !chosen.has(item);
    if (on) chosen.add(item); else chosen.delete(item);
    card.classList.toggle('chosen', on);
    const text = fill(words.selected, { n: chosen.size });
    bar.hidden = !chosen.size;
    bar.querySelector('b').textContent = text;
    say(text);
  };
  const unchoose = () => { for (const item of chosen) { const card = byItem(item); if (card) card.classList.remove('chosen'); } chosen.clear(); bar.hidden = true; };
  bar.querySelector('[data-unselect]').addEventListener('click', unchoose);
  bar.querySelector('[data-many]').addEventListener('click', async () => {
    const query = new URLSearchParams({ back: location.pathname + location.search });
    for (const item of chosen) { const card = byItem(item); query.append('item', item + '@' + (card ? card.dataset.version : '')); }
    try { open(await part('/moves?' + query), active && active.dataset.item); } catch { failed(); }
  });
  const many = (answer) => {
    if (!answer.results) return;
    open(answer.html, origin);
    say(answer.said);
    renew(answer.results.map((r) => r.item));
    unchoose();
  };
  body.addEventListener('click', (e) => {
    const card = cardOf(e.target);
    if (!card || !(e.ctrlKey || e.metaKey)) return;
    e.preventDefault();
    e.stopPropagation();
    choose(card);
  }, true);

  // --- Columns while something is carried ---
  const mark = (row, value, cols) => {
    for (const th of body.querySelectorAll('thead th[data-col]')) { if (value) th.dataset.drop = cols(th.dataset.col); else delete th.dataset.drop; }
    if (row) for (const td of row.querySelectorAll('td[data-col]')) { if (value) td.dataset.drop = cols(td.dataset.col); else delete td.dataset.drop; }
  };
  const paint = (carry) => {
    const kind = (col) => !carry.to ? 'wait' : col === carry.over && carry.to.has(col) ? 'over' : carry.to.has(col) ? 'yes' : col === carry.from ? 'here' : 'no';
    mark(carry.row, true, kind);
  };
  const columnsOf = () => [...body.querySelectorAll('thead th[data-col]')].map((th) => th.dataset.col);
  const lift = (card, how) => {
    busy = how;
    const carry = { card, item: card.dataset.item, row: card.closest('tr'), from: card.dataset.at, to: null, over: null, why: words.waiting };
    card.classList.add('picked');
    paint(carry);
    carry.ready = choicesOf(card).then((choices) => {
      carry.to = targets(choices);
      carry.why = choices.why || '';
      if (busy) paint(carry);
      return carry;
    }).catch(() => { carry.to = new Map(); carry.why = words.failed; });
    return carry;
  };
  const putDown = (carry) => {
    carry.card.classList.remove('picked');
    mark(carry.row, false);
    busy = null;
    requestAnimationFrame(catchUp);
  };

  // --- Mouse and touch. Nothing is measured while the pointer moves: columns are measured once, the ghost is moved by transform alone. ---
  let press = null, drag = null;
  const startDrag = (x, y) => {
    const card = press.card, all = board(), frame = all.getBoundingClientRect(), rect = card.getBoundingClientRect();
    const left = all.scrollLeft;
    const columns = [...body.querySelectorAll('thead th[data-col]')].map((th) => { const r = th.getBoundingClientRect(); return { col: th.dataset.col, from: r.left + left, to: r.right + left }; });
    const carry = lift(card, 'drag'); // after everything was measured
    const ghost = card.cloneNode(true);
    for (const a of ghost.querySelectorAll('[id], button')) a.remove();
    ghost.removeAttribute('id');
    ghost.removeAttribute('data-item');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.classList.add('ghost');
    ghost.style.width = rect.width + 'px';
    const note = document.createElement('div');
    note.className = 'ghost-note';
    const shield = document.createElement('div');
    shield.className = 'drag-shield';
    document.body.append(shield, ghost, note);
    document.body.classList.add('dragging');
    drag = { carry, ghost, note, shield, columns, frame, dx: press.x - rect.left, dy: press.y - rect.top, x, y, scroll: left, all, ticking: false, turn: 0 };
    carry.ready.then(() => { if (drag && drag.carry === carry) hover(); });
    moveDrag(x, y);
    drag.turn = requestAnimationFrame(roll);
  };
  const hover = () => {
    const at = drag.x + drag.scroll, over = drag.columns.find((c) => at >= c.from && at < c.to), carry = drag.carry, col = over ? over.col : null;
    const move = col && carry.to && carry.to.get(col);
    drag.note.textContent = !carry.to ? words.waiting : !col ? '' : move ? fill(words.over, { to: columnName(col), move: move.title }) : col === carry.from ? words.here : carry.why || fill(words.forbidden, { to: columnName(col) });
    if (carry.over !== col) { carry.over = col; paint(carry); }
  };
  const moveDrag = (x, y) => {
    drag.x = x;
    drag.y = y;
    if (drag.ticking) return;
    drag.ticking = true;
    requestAnimationFrame(() => {
      if (!drag) return;
      drag.ticking = false;
      drag.ghost.style.transform = 'translate(' + (drag.x - drag.dx) + 'px,' + (drag.y - drag.dy) + 'px)';
      drag.note.style.transform = 'translate(' + (drag.x + 14) + 'px,' + (drag.y + 18) + 'px)';
      hover();
    });
  };
  // Near an edge of the frame the board rolls on.
  const roll = () => {
    if (!drag) return;
    const f = drag.frame, edge = 56, speed = (d) => d < edge ? Math.ceil((edge - d) / 4) : 0;
    const sx = speed(f.right - drag.x) - speed(drag.x - f.left), sy = speed(f.bottom - drag.y) - speed(drag.y - f.top);
    if (sx || sy) drag.all.scrollBy(sx, sy);
    drag.turn = requestAnimationFrame(roll);
  };
  document.addEventListener('scroll', (e) => { if (drag && e.target === drag.all) { drag.scroll = drag.all.scrollLeft; hover(); } }, true);
  const endDrag = (drop) => {
    clearTimeout(press && press.timer);
    press = null;
    if (!drag) return;
    const d = drag, carry = d.carry;
    cancelAnimationFrame(d.turn);
    drag = null;
    d.ghost.remove();
    d.note.remove();
    d.shield.remove();
    document.body.classList.remove('dragging');
    if (!drop || !carry.over || carry.over === carry.from) { putDown(carry); if (!drop) say(fill(words.cancelled, { item: nameOf(carry.card) })); return; }
    land(carry);
  };
  // A card dropped before the answer came waits for it.
  const land = async (carry) => {
    await carry.ready;
    putDown(carry);
    const choice = carry.to.get(carry.over);
    if (!choice) { toast(carry.why || fill(words.forbidden, { to: columnName(carry.over) }), 'bad'); return; }
    say(fill(words.dropped, { to: columnName(carry.over) }));
    make(carry.card.isConnected ? carry.card : byItem(carry.item), choice);
  };
  const swallow = (e) => { e.preventDefault(); e.stopPropagation(); };
  body.addEventListener('pointerdown', (e) => {
    const card = cardOf(e.target);
    if (!card || e.button !== 0 || e.ctrlKey || e.metaKey || busy || e.target.closest('button')) return;
    press = { card, x: e.clientX, y: e.clientY, id: e.pointerId, touch: e.pointerType !== 'mouse', timer: 0, menu: !card.matches('td .card') || !columnsOf().length };
    if (!press.touch) return;
    const narrow = !matchMedia('(min-width: 721px)').matches; // the columns stand below each other there: the menu says where a card can go
    press.timer = setTimeout(() => { if (!press) return; if (press.menu || narrow) { const c = press.card; press = { held: true }; menu(c); } else startDrag(press.x, press.y); }, 350);
  });
  document.addEventListener('pointermove', (e) => {
    if (drag) { moveDrag(e.clientX, e.clientY); return; }
    if (!press || press.held || press.id !== e.pointerId) return;
    const far = Math.abs(e.clientX - press.x) + Math.abs(e.clientY - press.y);
    if (press.touch) { if (far > 10) { clearTimeout(press.timer); press = null; } return; }
    if (far > 6 && !press.menu) startDrag(e.clientX, e.clientY);
  });
  document.addEventListener('pointerup', () => {
    if (drag || press && press.held) document.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener('click', swallow, true));
    endDrag(true);
  });
  document.addEventListener('pointercancel', () => endDrag(false));
  body.addEventListener('touchmove', (e) => { if (drag) e.preventDefault(); }, { passive: false });
  body.addEventListener('dragstart', (e) => { if (cardOf(e.target)) e.preventDefault(); });
  body.addEventListener('contextmenu', (e) => {
    const card = cardOf(e.target);
    if (press && press.touch || drag) { e.preventDefault(); return; }
    if (card && e.button !== 2) { e.preventDefault(); menu(card); } // the menu key; the mouse's own menu stays the browser's
  });
  window.addEventListener('blur', () => endDrag(false));

  // --- Keyboard ---
  let keys = null;
  const pickUp = async (card) => {
    if (!card.matches('.card') || !columnsOf().length) { menu(card); return; }
    keys = lift(card, 'keys');
    say(words.waiting);
    const carry = keys;
    await carry.ready;
    if (keys !== carry) return;
    const order = columnsOf().filter((col) => carry.to.has(col));
    if (!order.length) { toast(carry.why || words.none, 'bad'); dropKeys(false); return; }
    carry.order = order;
    say(fill(words.picked, { item: nameOf(card), from: columnName(carry.from), n: order.length, to: order.map(columnName).join(document.documentElement.lang === 'en' ? ', ' : '、') }));
  };
  const aim = (step) => {
    if (!keys.order) return;
    const i = keys.order.indexOf(keys.over), n = keys.order.length;
    keys.over = keys.order[i < 0 ? (step > 0 ? 0 : n - 1) : (i + step + n) % n];
    paint(keys);
    const th = body.querySelector('thead th[data-col="' + CSS.escape(keys.over) + '"]');
    if (th) th.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    say(fill(words.over, { to: columnName(keys.over), move: keys.to.get(keys.over).title }));
  };
  const dropKeys = (drop) => {
    const carry = keys;
    keys = null;
    if (drop && carry.over) { land(carry); return; }
    putDown(carry);
    if (!drop) say(fill(words.cancelled, { item: nameOf(carry.card) }));
  };
  const whileCarried = (e) => {
    switch (e.key) {
      case 'ArrowRight': case 'ArrowDown': aim(1); break;
      case 'ArrowLeft': case 'ArrowUp': aim(-1); break;
      case ' ': case 'Enter': if (keys.order) dropKeys(true); break;
      case 'Escape': dropKeys(false); break;
      case 'Tab': break;
      default: return;
    }
    swallow(e);
  };
  document.addEventListener('keydown', (e) => {
    if (drag && e.key === 'Escape') { swallow(e); endDrag(false); return; }
    if (dialog.open || e.target.closest('input, textarea, select, dialog')) return;
    if (keys) { whileCarried(e); return; }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'z' && undo) { swallow(e); const last = undo; toasts.lastElementChild.remove(); undo = null; last(); return; }
    const card = cardOf(e.target);
    if (!card || e.target !== card) return;
    const next = { j: 'ArrowDown', k: 'ArrowUp' }[e.key] || e.key;
    switch (next) {
      case 'ArrowDown': case 'ArrowUp': case 'ArrowLeft': case 'ArrowRight': { const to = neighbour(card, next); if (to) focusCard(to); break; }
      case 'Home': focusCard(board().querySelector('[data-item]')); break;
      case 'End': { const all = board().querySelectorAll('[data-item]'); focusCard(all[all.length - 1]); break; }
      case ' ': pickUp(card); break;
      case 'm': case 'ContextMenu': menu(card); break;
      case 'x': choose(card); break;
      default: return;
    }
    swallow(e);
  }, true);

  // --- Live: what changed elsewhere is put in its place, without disturbing what is being carried or focused ---
  const waiting = new Set();
  let whole = false, asking = false;
  const renew = (items) => { for (const item of items) waiting.add(item); catchUp(); };
  const refresh = () => document.body.dispatchEvent(new Event('board-stale'));
  const catchUp = async () => {
    if (busy || asking) return;
    if (whole || waiting.size > 60) { whole = false; waiting.clear(); refresh(); return; }
    if (!waiting.size) return;
    const items = [...waiting];
    waiting.clear();
    asking = true;
    try {
      const query = new URLSearchParams(location.search);
      query.set('items', items.join(','));
      const answer = await fetch('/map/cards?' + query, { headers: { 'X-Background': '1' } });
      if (!answer.ok || answer.redirected) throw new Error('status ' + answer.status);
      const data = await answer.json();
      if (busy) { for (const item of items) waiting.add(item); return; }
      place(data);
    } catch { whole = true; } finally { asking = false; }
    if (waiting.size || whole && !busy) requestAnimationFrame(catchUp);
  };
  const place = (data) => {
    const all = board(), shown = [];
    for (const one of data.cards) if (!put(all, one, shown)) whole = true;
    for (const [col, { text }] of Object.entries(data.columns)) { const small = body.querySelector('thead th[data-col="' + CSS.escape(col) + '"] small'); if (small) small.textContent = text; }
    for (const cell of data.cells || []) {
      const td = all.querySelector('td[data-row="' + CSS.escape(cell.row) + '"][data-col="' + CSS.escape(cell.col) + '"]'), cap = td && td.querySelector('.cap');
      if (!td) continue;
      td.classList.toggle('full', cell.full);
      if (cap) { cap.textContent = cell.cap; cap.classList.toggle('late', cell.full); }
    }
    all.dataset.journal = data.journal;
    const text = document.getElementById('map-live');
    if (text) text.textContent = text.textContent.replace(/[\d,]+(?=\D*$)/, Number(data.journal).toLocaleString('en'));
    for (const card of shown) { card.classList.add('updated'); card.addEventListener('animationend', () => card.classList.remove('updated'), { once: true }); }
    if (document.querySelector('.demo')) later();
  };
  // put replaces one card; false when the board has to be drawn anew because a cell is crowded or a row is missing.
  const put = (all, one, shown) => {
    const old = byItem(one.item), held = old && old.contains(document.activeElement);
    if (!one.html && !old) return true;
    const from = old && old.closest('td.cell'), line = old && !from && old.closest('tr');
    if (!one.html || one.gone) { (line || old).remove(); return !(from && from.querySelector('.more')); }
    const made = document.createElement('template');
    made.innerHTML = line ? '<table><tbody>' + one.html + '</tbody></table>' : one.html;
    const fresh = made.content.querySelector('[data-item]');
    if (old && old.dataset.version === fresh.dataset.version && old.dataset.at === fresh.dataset.at && old.textContent.replace(/\s+/g, '') === fresh.textContent.replace(/\s+/g, '')) return true;
    if (line) line.replaceWith(fresh.closest('tr'));
    else {
      const td = all.querySelector('td[data-row="' + CSS.escape(one.row) + '"][data-col="' + CSS.escape(one.col) + '"]');
      if (!td || td.querySelector('.more') || from && from !== td && from.querySelector('.more')) return false;
      let list = td.querySelector('.map-cards');
      if (!list) { list = document.createElement('div'); list.className = 'map-cards'; td.append(list); }
      if (old) old.remove();
      if (!old && td.querySelectorAll('[data-item]').length >= 5 && !new URLSearchParams(location.search).get('all')) return false;
      list.insertBefore(fresh, list.children[one.place] || null);
    }
    if (window.htmx) htmx.process(fresh);
    if (chosen.has(one.item)) fresh.classList.add('chosen');
    if (active === old || held) { active = null; activate(fresh); } else reach(fresh, false);
    if (held) fresh.focus({ preventScroll: true });
    shown.push(fresh);
    return true;
  };
  let pause = 0; // the demo's clock and figures follow at leisure
  const later = () => { if (!pause) pause = setTimeout(() => { pause = 0; if (busy || dialog.open) later(); else refresh(); }, 5000); };
  document.body.addEventListener('journal', (e) => {
    const news = e.detail;
    if (news.reload || news.all) whole = true;
    for (const item of news.items || []) waiting.add(item);
    catchUp();
  });
  document.body.addEventListener('htmx:beforeRequest', (e) => { if (e.detail.elt.id === 'map-live' && busy) { e.preventDefault(); whole = true; } });
  // The whole board was drawn anew: the focus goes back to the card that had it.
  let focused = null;
  document.body.addEventListener('htmx:beforeSwap', (e) => { if (e.detail.elt && e.detail.elt.id === 'map-live') { const card = cardOf(document.activeElement); focused = card ? card.dataset.item : null; if (active) active = { isConnected: false, contains: () => false, querySelectorAll: () => [], removeAttribute() {}, dataset: active.dataset }; } });
  document.body.addEventListener('htmx:afterSettle', () => {
    if (active && active.isConnected) return;
    const item = active && active.dataset.item;
    active = item ? byItem(item) : null;
    prepare();
    if (focused && active && active.dataset.item === focused) active.focus({ preventScroll: true });
    focused = null;
  });
  prepare();
})();

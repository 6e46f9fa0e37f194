// The command palette: Ctrl K on every page. The list comes from GET /palette as links; this file walks through them.
// Markup: dialog#palette with input#palette-q (role=combobox) and div#palette-list (role=listbox); [data-palette] opens it.
// What was looked at lately is kept for the tab's session only: on a shared computer it must not outlive the person.
'use strict';
(() => {
  const dialog = document.getElementById('palette');
  if (!dialog || !dialog.showModal) return;
  const input = document.getElementById('palette-q');
  const list = document.getElementById('palette-list');
  const said = document.getElementById('palette-said');
  const store = 'battlemap.recent';
  let from = null;
  let asked = 0;
  let waiting = null;

  const recent = () => { try { return JSON.parse(sessionStorage.getItem(store)) || []; } catch { return []; } };
  const keep = () => {
    if (!/^\/(tickets|projects|taskforces|papers)\/[^/]+$/.test(location.pathname)) return;
    const heading = document.querySelector('h1');
    const here = { href: location.pathname, text: (heading ? heading.textContent : document.title).trim() };
    try { sessionStorage.setItem(store, JSON.stringify([here, ...recent().filter((r) => r.href !== here.href)].slice(0, 6))); } catch { /* no storage, no recent things */ }
  };
  keep();
  for (const form of document.querySelectorAll('form[action="/logout"]')) form.addEventListener('submit', () => { try { sessionStorage.removeItem(store); } catch { /* none was kept */ } });

  const options = () => [...list.querySelectorAll('[role=option]')];
  const choose = (el) => {
    for (const o of options()) o.setAttribute('aria-selected', String(o === el));
    if (!el) { input.removeAttribute('aria-activedescendant'); return; }
    input.setAttribute('aria-activedescendant', el.id);
    el.scrollIntoView({ block: 'nearest' });
  };
  const chosen = () => options().find((o) => o.getAttribute('aria-selected') === 'true');

  const addRecent = () => {
    const things = recent().filter((r) => r.href !== location.pathname);
    if (!things.length) return;
    const group = document.createElement('div');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', list.dataset.recent);
    const head = document.createElement('h3');
    head.setAttribute('aria-hidden', 'true');
    head.textContent = list.dataset.recent;
    group.append(head);
    things.forEach((r, i) => {
      const a = document.createElement('a');
      a.setAttribute('role', 'option');
      a.id = 'palette-recent-' + i;
      a.href = r.href;
      a.tabIndex = -1;
      a.textContent = r.text;
      group.append(a);
    });
    const here = list.querySelector('[role=option][href^="' + location.pathname + '"]');
    if (here) here.closest('[role=group]').after(group); else list.prepend(group);
  };

  const ask = async () => {
    const mine = ++asked;
    const q = input.value.trim();
    const reply = await fetch('/palette?q=' + encodeURIComponent(q) + '&on=' + encodeURIComponent(location.pathname), { headers: { 'X-Fragment': '1' } }).catch(() => null);
    if (mine !== asked) return;
    if (reply && reply.redirected) { location.reload(); return; }
    if (!reply || !reply.ok) return; // what is there stays
    list.innerHTML = await reply.text();
    if (!q) addRecent();
    const any = options().length > 0; // without an option it is no list to choose from
    list.setAttribute('role', any ? 'listbox' : 'group');
    input.setAttribute('aria-expanded', String(any));
    list.dataset.q = q;
    choose(options()[0]);
    said.textContent = String(options().length);
  };

  const open = () => {
    if (dialog.open) { input.select(); return; }
    if (document.querySelector('dialog[open]')) return;
    from = document.activeElement;
    input.value = '';
    dialog.showModal();
    input.focus();
    ask();
  };
  dialog.addEventListener('close', () => { if (from && from.isConnected) from.focus(); });

  input.addEventListener('input', () => { clearTimeout(waiting); delete list.dataset.q; waiting = setTimeout(ask, 80); });
  input.addEventListener('keydown', (e) => {
    const all = options();
    const at = all.indexOf(chosen());
    const steps = { ArrowDown: (at + 1) % all.length, ArrowUp: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1 };
    if (e.isComposing) return; // an input method still offers characters
    if (e.key in steps && all.length && !((e.key === 'Home' || e.key === 'End') && input.value)) { e.preventDefault(); choose(all[steps[e.key]]); return; }
    if (e.key !== 'Enter') return;
    e.preventDefault();
    const el = chosen();
    if (!el) return;
    if (e.ctrlKey || e.metaKey) window.open(el.href, '_blank', 'noopener');
    else { dialog.close(); location.assign(el.href); }
  });
  list.addEventListener('click', (e) => { if (e.target.closest('a') && !e.ctrlKey && !e.metaKey && !e.shiftKey) dialog.close(); });
  dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });

  document.addEventListener('click', (e) => { if (e.target.closest('[data-palette]') && !e.ctrlKey && !e.metaKey) { e.preventDefault(); open(); } });
  document.addEventListener('keydown', (e) => {
    if (e.key.toLowerCase() !== 'k' || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return;
    e.preventDefault();
    e.stopPropagation(); // app.js would go to the search field, which is the way without this file
    open();
  }, true);
})();

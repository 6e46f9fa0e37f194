// Battlemap: what a page needs beyond HTML. No inline code, no eval; every page works without this file.
//   [data-theme-switch]      changes the theme at once and keeps it in a cookie
//   [data-find]              Ctrl K and / go here
//   [data-line]              j and k walk over these; Enter opens the line
//   [data-open="id"]         opens <dialog id>; [data-close] inside it closes it; [data-empty="id"] empties an element
//   [data-submit-on-change]  a control that sends its form when it changes
//   [data-print]             prints the page
//   [data-live]              this page hears of new records (live.js): "journal" is fired on <body>; hx-trigger="journal from:body" asks again
//   [data-pick-all="form"]   a box that ticks or clears all boxes of a form
//   [data-once]              a form that must not be sent twice: its buttons are disabled while it travels
'use strict';
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const typing = (el) => el.closest('input, textarea, select, [contenteditable]');

  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const switchTheme = () => {
    const theme = dark() ? 'light' : 'dark';
    root.dataset.theme = theme;
    document.cookie = 'theme=' + theme + ';path=/;max-age=31536000;samesite=lax' + (location.protocol === 'https:' ? ';secure' : '');
  };

  const closePanel = () => {
    const panel = byId('panel');
    if (!panel || !panel.childElementCount) return;
    panel.replaceChildren();
    for (const el of document.querySelectorAll('[aria-expanded]')) el.removeAttribute('aria-expanded');
    if (lastLine && lastLine.isConnected) lastLine.focus();
  };

  let lastLine = null;
  const walk = (step) => {
    const lines = [...document.querySelectorAll('[data-line]')].filter((el) => el.offsetParent !== null);
    if (!lines.length) return;
    const here = lines.indexOf(document.activeElement.closest('[data-line]'));
    const next = lines[here < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(here + step, 0), lines.length - 1)];
    if (!next.matches('a, button')) next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const openLine = (el) => {
    const link = el.matches('a') ? null : el.querySelector('a[href]:not(.light-why)');
    if (link) link.click();
  };

  document.addEventListener('click', (e) => {
    const el = e.target.closest('[data-theme-switch], [data-open], [data-close], [data-empty], [data-print]');
    const line = e.target.closest('[data-line]');
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(e.target) || el) menu.open = false;
    if (line) lastLine = line;
    if (!el) return;
    if ('themeSwitch' in el.dataset) { e.preventDefault(); switchTheme(); return; }
    if ('print' in el.dataset) { window.print(); return; }
    if ('close' in el.dataset) { const d = el.closest('dialog'); if (d) d.close(); return; }
    if (el.dataset.empty) { closePanel(); byId(el.dataset.empty).replaceChildren(); return; }
    const dialog = byId(el.dataset.open);
    if (dialog) { e.preventDefault(); dialog.showModal(); }
  });

  // Ctrl, Shift and Meta clicks belong to the browser: htmx would swallow them.
  document.addEventListener('click', (e) => {
    if ((e.ctrlKey || e.metaKey || e.shiftKey) && e.target.closest('a[hx-get]')) e.stopPropagation();
  }, true);

  document.addEventListener('change', (e) => {
    const all = e.target.closest('[data-pick-all]');
    if (all) for (const box of byId(all.dataset.pickAll).elements) if (box.type === 'checkbox' && box.name) box.checked = all.checked;
    const el = e.target.closest('[data-submit-on-change]');
    if (el && el.form) el.form.requestSubmit();
  });

  document.addEventListener('submit', (e) => {
    if (!e.target.matches('[data-once]')) return;
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = '1'; // the button itself stays enabled until the form has left, or its value would be lost
  });
  window.addEventListener('pageshow', () => { for (const f of document.querySelectorAll('[data-sent]')) delete f.dataset.sent; });

  document.addEventListener('keydown', (e) => {
    const find = document.querySelector('[data-find]');
    if (find && e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); find.focus(); find.select(); return; }
    if (e.key === 'Escape' && !document.querySelector('dialog[open]')) { if (typing(e.target)) e.target.blur(); else closePanel(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector('dialog[open]')) return;
    if (e.key === '/' && find) { e.preventDefault(); find.focus(); return; }
    if (e.key === 'j') walk(1);
    if (e.key === 'k') walk(-1);
    if (e.key === '?' && byId('keys')) byId('keys').showModal();
    if (e.key === 'Enter' && e.target.matches('[data-line]')) openLine(e.target);
  });

  // A card opens its panel on the first click and its page on the second.
  document.addEventListener('htmx:confirm', (e) => {
    const card = e.target.closest('a.card-link');
    if (!card) return;
    const open = card.getAttribute('aria-expanded') === 'true' && byId('panel').childElementCount;
    for (const el of document.querySelectorAll('a.card-link[aria-expanded]')) el.removeAttribute('aria-expanded');
    if (open) { e.preventDefault(); location.assign(card.href); return; }
    card.setAttribute('aria-expanded', 'true');
  });

  // 422 brings the form again and 409 the newer state: both are answers to show.
  document.addEventListener('htmx:beforeSwap', (e) => {
    if (e.detail.xhr.status !== 422 && e.detail.xhr.status !== 409) return;
    e.detail.shouldSwap = true;
    e.detail.isError = false;
  });
  for (const label of document.querySelectorAll('.pick-all')) label.hidden = false;
})();

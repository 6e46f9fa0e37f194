// Battlemap: what a board does at once instead of after a trip. Without this file every link still leads where it says.
//   a[data-fold="code"]   folds or unfolds the row of a task force; the address and the cookie that the map remembers follow
'use strict';
(() => {
  const folded = () => new Set((new URL(location.href).searchParams.get('fold') || '').split(',').filter(Boolean));

  const remember = (codes) => {
    const url = new URL(location.href);
    const list = [...codes].sort().join(',');
    if (list) url.searchParams.set('fold', list); else url.searchParams.delete('fold');
    if (!url.searchParams.get('view')) url.searchParams.set('view', document.getElementById('board').dataset.view);
    history.replaceState(history.state, '', url);
    const live = document.getElementById('map-live');
    if (live) live.setAttribute('hx-get', url.pathname + url.search);
    fetch(url, { headers: { 'X-Background': '1' }, credentials: 'same-origin' }).catch(() => {}); // the server keeps the view in its cookie
  };

  document.addEventListener('click', (e) => {
    const link = e.target.closest('a[data-fold]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    const codes = folded(), code = link.dataset.fold;
    const fold = link.getAttribute('aria-expanded') === 'true';
    if (fold) codes.add(code); else codes.delete(code);
    link.setAttribute('aria-expanded', fold ? 'false' : 'true');
    for (const row of document.querySelectorAll('#board tr[data-row]')) if (row.dataset.row === code) row.classList.toggle('folded', fold);
    remember(codes);
  });
})();

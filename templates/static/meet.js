// Battlemap: the keys of meetings and of the supervision desk. Every form also works without this file.
//   [data-key="n"]    a <details> that the key opens on the line in focus, else on the first one
//   [data-go]         the button that Enter presses once the form stands open
//   [data-enter]      a form that Enter sends from its text; Shift and Enter begin a new line
//   [data-print-key]  the link that the key p follows after a slip was issued
'use strict';
(() => {
  const typing = (el) => el.closest('input, textarea, select, [contenteditable]');

  const unfold = (key) => {
    const line = document.activeElement.closest('[data-line]');
    const fold = (line && line.querySelector('details[data-key="' + key + '"]')) || document.querySelector('details[data-key="' + key + '"]');
    if (!fold) return false;
    fold.open = true;
    const first = fold.querySelector('[data-enter] textarea') || fold.querySelector('[data-go]');
    first.focus();
    first.scrollIntoView({ block: 'nearest' });
    return true;
  };

  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.querySelector('dialog[open]')) return;
    const form = e.target.closest('form[data-enter]');
    if (e.key === 'Enter' && !e.shiftKey && form && e.target.matches('textarea')) {
      e.preventDefault();
      form.requestSubmit(form.querySelector('[data-go]'));
      return;
    }
    if (typing(e.target)) return;
    const print = document.querySelector('[data-print-key]');
    if (e.key === 'p' && print && document.activeElement === print) { e.preventDefault(); print.click(); return; }
    if ((e.key === 'p' || e.key === 'n') && unfold(e.key)) e.preventDefault();
  });

  const issued = document.querySelector('[data-print-key]');
  if (issued) issued.focus();

  // After a form was sent the line it came from is in focus again.
  const back = location.hash && document.getElementById(location.hash.slice(1));
  if (back && back.matches('[data-line]')) { back.tabIndex = -1; back.focus(); }
})();

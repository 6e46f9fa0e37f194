// The triage desk: every action by key. Without this file the lines are links and the forms are forms.
// Markup: #triage with .triage-line[data-ref] in the queue and #triage-detail beside it; [data-key] on a button or a summary is the key that does it.
'use strict';
(() => {
  const desk = document.getElementById('triage');
  if (!desk) return;
  const detail = document.getElementById('triage-detail');
  const said = document.getElementById('triage-said');
  const kept = new Map(); // previews with something typed that somebody walked away from
  let shown = (document.querySelector('.triage-line[aria-current]') || { dataset: {} }).dataset.ref;
  let coming = Promise.resolve();
  let asked = 0;

  const wide = () => getComputedStyle(detail).display !== 'none';
  const lines = () => [...desk.querySelectorAll('.triage-line')];
  const current = () => document.activeElement.closest('.triage-line') || desk.querySelector('.triage-line[aria-current]') || lines()[0];
  const typing = (el) => el.closest('input:not([type=checkbox]), textarea, select');
  const say = (text) => { said.textContent = text; };

  const dirty = () => [...detail.querySelectorAll('input:not([type=hidden]), textarea')].some((f) => f.type === 'checkbox' ? f.checked !== f.defaultChecked : f.value !== f.defaultValue);
  const away = () => {
    if (!shown || !dirty()) return;
    const rest = document.createDocumentFragment();
    rest.append(...detail.childNodes);
    kept.set(shown, rest);
  };
  const mark = (line) => {
    for (const l of lines()) if (l === line) l.setAttribute('aria-current', 'true'); else l.removeAttribute('aria-current');
  };
  const load = (line) => {
    const ref = line.dataset.ref;
    mark(line);
    if (ref === shown || !wide()) return;
    away();
    shown = ref;
    if (kept.has(ref)) { detail.replaceChildren(kept.get(ref)); kept.delete(ref); return; }
    const mine = ++asked;
    detail.setAttribute('aria-busy', 'true');
    coming = fetch('/triage/' + ref, { headers: { 'X-Fragment': '1' } }).then(async (r) => {
      if (r.redirected) { location.reload(); return; }
      const text = r.ok ? await r.text() : '';
      if (mine !== asked) return;
      detail.innerHTML = text;
      detail.removeAttribute('aria-busy');
      if (!r.ok) say(desk.dataset.failed);
    }).catch(() => { if (mine === asked) { shown = ''; detail.removeAttribute('aria-busy'); say(desk.dataset.failed); } });
  };
  const focus = (line) => {
    if (!line) return;
    line.tabIndex = -1;
    line.focus();
    line.scrollIntoView({ block: 'nearest' });
  };
  const next = (line) => {
    const all = lines();
    const after = all.slice(all.indexOf(line) + 1).concat(all.slice(0, all.indexOf(line)));
    return after.find((l) => !l.classList.contains('is-done'));
  };

  const firstField = (box) => {
    const field = box.querySelector('[aria-invalid=true]') || box.querySelector('input:not([type=hidden]), textarea, select');
    if (field) field.focus();
  };
  const act = async (key) => {
    const line = current();
    if (!line) return;
    load(line);
    await coming;
    if (line.dataset.ref !== shown) return;
    const el = detail.querySelector('[data-key="' + key + '"]');
    if (!el) { say(desk.dataset.nothing); return; }
    if (el.matches('summary')) { el.parentElement.open = true; firstField(el.parentElement); return; }
    el.form.requestSubmit(el);
  };

  const send = async (form, button) => {
    const line = lines().find((l) => l.dataset.ref === shown);
    const body = new URLSearchParams(new FormData(form, button));
    const reply = await fetch(form.action, { method: 'POST', body, headers: { 'X-Fragment': '1' } }).catch(() => null);
    if (reply && reply.redirected) { location.reload(); return; }
    if (reply && reply.ok) {
      const box = document.createElement('template');
      box.innerHTML = await reply.text();
      const done = box.content.firstElementChild;
      kept.delete(shown);
      detail.replaceChildren(); // what was typed has arrived
      shown = '';
      say(done.querySelector('.triage-done').textContent);
      if (line) { line.replaceWith(done); focus(next(done) || done); }
      return;
    }
    if (reply && (reply.status === 422 || reply.status === 409)) {
      detail.innerHTML = await reply.text();
      const open = detail.querySelector('details[open]');
      if (open) firstField(open); else detail.focus();
      const wrong = detail.querySelector('.error, .notice');
      say(wrong ? wrong.textContent.trim() : desk.dataset.failed);
      return;
    }
    delete form.dataset.sent;
    say(desk.dataset.failed);
  };
  document.addEventListener('submit', (e) => {
    if (e.defaultPrevented || !detail.contains(e.target)) return;
    e.preventDefault();
    send(e.target, e.submitter);
  });

  desk.addEventListener('focusin', (e) => { const line = e.target.closest('.triage-line'); if (line) load(line); });
  desk.addEventListener('click', (e) => {
    const line = e.target.closest('.triage-line');
    if (!line || !e.target.closest('a') || !wide() || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    focus(line);
  });

  const plain = (e) => {
    const line = current();
    if (e.key === 'Enter') {
      if (!e.target.matches('.triage-line')) return false;
      location.assign('/tickets/' + line.dataset.ref);
      return true;
    }
    if (e.key === 'e') { focus(next(line)); return true; }
    if (e.key === 'x') { const box = line && line.querySelector('[type=checkbox]'); if (box) box.checked = !box.checked; return Boolean(box); }
    if (e.key === 'a' && desk.querySelector('[type=checkbox][name=item]:checked')) { document.getElementById('triage-many').requestSubmit(); return true; }
    if (/^[agursdlbcw]$/.test(e.key)) { act(e.key); return true; }
    return false;
  };
  document.addEventListener('keydown', (e) => {
    if (document.querySelector('dialog[open]') || e.isComposing) return;
    const form = detail.contains(e.target) && e.target.closest('details[open]');
    if (form && e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); form.querySelector('form').requestSubmit(); return; }
    if (form && e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); form.open = false; focus(current()); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (plain(e)) { e.preventDefault(); e.stopPropagation(); }
  }, true);

  const keys = document.querySelector('#keys dl');
  if (keys) for (const pair of document.querySelectorAll('#triage-keys > div')) keys.append(...[...pair.children].map((c) => c.cloneNode(true)));
  const start = desk.querySelector('.triage-line[aria-current]');
  if (start && wide() && !detail.querySelector('details[open]')) focus(start);
})();

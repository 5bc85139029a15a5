// Brings what `/live` says into the page that is open. Everything on the page also works without this file.
const POLL_MS = 1500;
const POLL_HIDDEN_MS = 15_000;
const TYPING_MS = 150;

const search = document.getElementById('search');
const field = search.elements.namedItem('q');
const connection = document.getElementById('connection');

/** The markup each part was made from; the page itself changes it (an opened list, a focus). */
const sources = new WeakMap();
let lastText = '';
let timer = 0;
let asked = 0;

function remember(root) {
  for (const part of root.querySelectorAll('[data-live], tbody[data-key]')) sources.set(part, part.outerHTML);
}

async function refresh() {
  clearTimeout(timer);
  asked += 1;
  const turn = asked;
  try {
    const response = await fetch(`/live${location.search}`, { headers: { accept: 'text/html' } });
    if (response.status === 401) return location.assign('/login');
    if (!response.ok) throw new Error(`status ${response.status}`);
    const text = await response.text();
    if (turn !== asked) return undefined;
    if (text !== lastText) show(text);
    lastText = text;
    connect(true);
  } catch {
    connect(false);
  }
  timer = setTimeout(refresh, document.hidden ? POLL_HIDDEN_MS : POLL_MS);
  return undefined;
}

function connect(isLive) {
  connection.className = isLive ? 'live' : 'lost';
  connection.textContent = isLive ? 'Live' : 'No connection, trying again';
}

/** Replaces only what differs, so that a focus, a selection and the place on the page stay. */
function show(text) {
  const next = new DOMParser().parseFromString(text, 'text/html');
  for (const part of next.querySelectorAll('[data-live]')) {
    const current = document.querySelector(`[data-live="${part.dataset.live}"]`);
    const source = part.outerHTML;
    if (current === null || sources.get(current) === source) continue;
    const [table, nextTable] = [current.querySelector('table'), part.querySelector('table')];
    if (table !== null && nextTable !== null) {
      showTable(table, nextTable);
      sources.set(current, source);
    } else {
      keepFocus(() => current.replaceWith(document.adoptNode(part)));
      remember(document);
      sources.set(part, source);
    }
  }
}

function showTable(table, next) {
  table.caption.replaceWith(document.adoptNode(next.caption));
  const known = new Map(Array.from(table.tBodies, (group) => [group.dataset.key, group]));
  // A copy: a group that is adopted leaves the live list.
  const groups = [...next.tBodies].map((group) => {
    const current = known.get(group.dataset.key);
    if (current !== undefined && sources.get(current) === group.outerHTML) return current;
    sources.set(group, group.outerHTML);
    if (current !== undefined && withoutTimes(current) !== withoutTimes(group))
      group.classList.add('changed');
    return document.adoptNode(group);
  });
  const same = groups.length === table.tBodies.length && groups.every((one, n) => one === table.tBodies[n]);
  if (!same) keepFocus(() => replaceGroups(table, groups));
}

/** Rows whose place is right stay where they are. */
function replaceGroups(table, groups) {
  groups.forEach((group, n) => {
    const here = table.tBodies[n];
    if (here === group) return;
    if (here !== undefined && here.dataset.key === group.dataset.key) here.replaceWith(group);
    else table.insertBefore(group, here ?? null);
  });
  while (table.tBodies.length > groups.length) table.tBodies[groups.length].remove();
}

/** A row that only grew older has not changed. */
function withoutTimes(group) {
  const copy = group.cloneNode(true);
  copy.classList.remove('changed');
  for (const time of copy.querySelectorAll('time')) time.textContent = '';
  return copy.textContent;
}

function keepFocus(change) {
  const id = document.activeElement?.id;
  change();
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}

function searchFor(text) {
  const query = new URLSearchParams(location.search);
  if (text === '') query.delete('q');
  else query.set('q', text);
  query.delete('page');
  history.replaceState(null, '', query.size === 0 ? '/' : `/?${query}`);
  refresh();
}

search.classList.add('with-script');
search.addEventListener('submit', (event) => {
  event.preventDefault();
  searchFor(field.value.trim());
});
field.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(() => searchFor(field.value.trim()), TYPING_MS);
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== field && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    field.focus();
  }
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh();
});

remember(document);
refresh();

// Keeps the pages of the own classes and the program's files, so that they open without a network.
// Pages: network first. Nothing is kept that was redirected, refused, or is of another kind.
'use strict';

const FILES = 'ckbx-files-1';
const PAGES = 'ckbx-pages-1';
const OWN = /^\/roll-calls(\/\d{10}\/\d+\/\d+)?$/;
const KEPT_FOR = 7 * 24 * 3600 * 1000;
const PATIENCE = 10000;
const KEPT_AT = 'x-kept-at';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'POST' && (url.pathname === '/signout' || url.pathname === '/signin')) {
    event.waitUntil(caches.delete(PAGES)); // whoever comes next sees nothing of it
    return;
  }
  if (request.method !== 'GET') return;
  if (url.pathname === '/signin/unified/back') event.waitUntil(caches.delete(PAGES)); // likewise
  if (url.pathname.startsWith('/static/') && url.searchParams.has('v')) event.respondWith(file(request));
  else if (request.mode !== 'navigate') return;
  else if (OWN.test(url.pathname)) event.respondWith(page(request));
  else if (url.pathname === '/') event.respondWith(fetch(request).catch(() => newest()));
});

self.addEventListener('message', (event) => {
  const said = event.data || {};
  if (said.keep) event.waitUntil(keep(said.keep, said.account));
});

async function file(request) {
  const cache = await caches.open(FILES);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await store(cache, request, answer.clone());
  return answer;
}

async function store(cache, request, answer) {
  const path = new URL(request.url).pathname;
  for (const old of await cache.keys()) { // an earlier version of the same file
    if (new URL(old.url).pathname === path) await cache.delete(old);
  }
  await cache.put(request, answer);
}

async function page(request) {
  const cache = await caches.open(PAGES);
  try {
    const answer = await patient(request);
    if (isOwn(answer)) await cache.put(request.url, await dated(answer.clone()));
    else if (answer.status === 403 || answer.status === 404) await cache.delete(request.url);
    return answer;
  } catch (error) {
    const known = await cache.match(request.url);
    if (known && age(known) < KEPT_FOR) return known;
    if (known) await cache.delete(request.url);
    return newest();
  }
}

const age = (answer) => Date.now() - Number(answer.headers.get(KEPT_AT));

// Without a network whoever asks for the first page gets the class opened last.
async function newest() {
  const cache = await caches.open(PAGES);
  let best = null;
  for (const key of await cache.keys()) {
    const known = await cache.match(key);
    const url = new URL(key.url);
    if (url.search || !/\d$/.test(url.pathname) || age(known) >= KEPT_FOR) continue;
    if (!best || age(known) < best.age) best = { url: key.url, age: age(known) };
  }
  return best ? Response.redirect(best.url, 302) : unreachable();
}

// Nothing is kept of it: said in words, and asked for again, so that a network that was away for a
// moment while a page was on its way costs nobody the page.
function unreachable() {
  const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5">
<title>没有网络</title><style>body{font:1rem/1.7 system-ui,sans-serif;max-width:34rem;margin:15vh auto;
padding:0 1.25rem;color:#1f2933}h1{font-size:1.35rem}a{display:inline-block;min-height:44px;line-height:44px;
color:#0b5394}</style></head><body><main><h1>现在连不上网络</h1>
<p>这一页没有存在本机，联网后自动打开（每 5 秒试一次）。</p>
<p>点过的名没有丢：还没报上去的存在本机，联网后打开点名自动发送。</p>
<p><a href="">现在再试</a></p></main></body></html>`;
  return new Response(page, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

function isOwn(answer) {
  return answer.status === 200 && answer.type === 'basic' && !answer.redirected &&
    (answer.headers.get('content-type') || '').startsWith('text/html');
}

function patient(request) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('late')), PATIENCE));
  return Promise.race([fetch(request), late]);
}

async function dated(answer) {
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  for (const name of ['content-encoding', 'content-length']) headers.delete(name); // it is unpacked
  const text = await answer.text(); // it is not fresh any more when it is shown from here
  return new Response(text.replace('data-fresh="1"', 'data-fresh=""'), { status: 200, headers });
}

// The first page came before there was a worker: the page names itself and its files.
async function keep(addresses, account) {
  const pages = await caches.open(PAGES);
  const owner = await pages.match('/-account');
  const before = owner ? await owner.text() : '';
  if (before && before !== account) {
    for (const old of await pages.keys()) await pages.delete(old);
  }
  await pages.put('/-account', new Response(account));
  for (const old of await pages.keys()) {
    const known = await pages.match(old);
    const at = Number(known.headers.get(KEPT_AT) || Date.now());
    if (Date.now() - at > KEPT_FOR) await pages.delete(old);
  }
  for (const address of addresses) {
    const url = new URL(address, self.location.origin);
    try {
      if (url.pathname.startsWith('/static/')) await file(new Request(url));
      else if (OWN.test(url.pathname) && !(await pages.match(url.href))) {
        const answer = await fetch(url.href, { redirect: 'manual', headers: { Accept: 'text/html' } });
        if (isOwn(answer)) await pages.put(url.href, await dated(answer));
      }
    } catch (error) {
      // no network: kept the next time
    }
  }
}

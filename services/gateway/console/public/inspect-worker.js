/* Keeps the inspectors' page on the phone, so that it opens without a network. Data is the page's own business. */

const CACHE = 'inspect';
const PAGE = '/inspect';

/** The page as it is now and the assets it names; what no page names any more is dropped. */
async function keep(answer) {
  const cache = await caches.open(CACHE);
  const assets = [...new Set((await answer.clone().text()).match(/\/assets\/[^"]+/g))];
  const known = (await cache.keys()).map((request) => new URL(request.url).pathname);
  await cache.addAll(assets.filter((path) => !known.includes(path)));
  await cache.put(PAGE, answer);
  await Promise.all(known.filter((path) => path !== PAGE && !assets.includes(path)).map((path) => cache.delete(path)));
}

async function page() {
  try {
    const answer = await fetch(PAGE, { cache: 'no-cache' });
    if (answer.ok) await keep(answer.clone());
    return answer;
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

addEventListener('install', (event) => event.waitUntil(fetch(PAGE, { cache: 'no-cache' }).then(keep).then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== 'GET') return;
  if (event.request.mode === 'navigate' && pathname === PAGE) event.respondWith(page());
  else if (pathname.startsWith('/assets/')) event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(event.request)));
});

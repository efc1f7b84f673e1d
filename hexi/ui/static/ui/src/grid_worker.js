// The service worker of the worker's phone page: without a line it gives back the page and what it needs, nothing else.
// What is kept: the page as it last was, and the built files it names. Reports wait in the page's own store (grid_phone.js).

const KEPT = "grid-phone-1";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("grid-phone-") && name !== KEPT) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

// the page says which files it is made of
self.addEventListener("message", (event) => {
  const { keep } = event.data || {};
  if (keep) event.waitUntil(keepAll(keep, event.ports[0]));
});

async function keepAll(addresses, port) {
  const cache = await caches.open(KEPT);
  const wanted = new Set(addresses);
  for (const address of wanted) {
    if (address.endsWith("/phone/") || !(await cache.match(address))) {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) await cache.put(address, answer);
    }
  }
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  port?.postMessage("kept");
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (address.href === self.registration.scope) event.respondWith(page(request));
  } else if (address.pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});

// the newest page if there is a line; who was signed out has nothing left here
async function page(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.type === "opaqueredirect" || answer.redirected) await cache.delete(self.registration.scope);
    else if (answer.ok) await cache.put(self.registration.scope, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(self.registration.scope);
    if (kept) return kept;
    throw error;
  }
}

// built files carry their content's hash in the name: what is kept is right
async function file(request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(request)) || fetch(request);
}

/**
 * Keeps the app's own files, so that it opens while the server is away. It knows nothing of anybody: only pages and files of the
 * build pass through it, never an answer of the API. The build puts the files of its version in the place of `__SHELL__`.
 */
const { name, prefix, entry, files } = __SHELL__;

/** Loaded by few, and too large to be kept. */
const LARGE = /\/(pyodide|python_stdlib)/;
const NOT_PAGES = /^\/(api|v1|ollama|s|frames|artifact-frame|healthz|readyz|metrics)(\/|$)/;
/** What a proxy says when there is no server behind it. */
const AWAY = [502, 503, 504];
const PATIENCE_MS = 5000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(name);
      await shell.addAll(files);
      await shell.add(new Request("/", { cache: "reload" }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // tabs of the version before go on, and may need more of its files: it is kept, those before it are not
      const others = (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
      await Promise.all(others.slice(0, -1).map((other) => caches.delete(other)));
      await self.clients.claim();
      for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage({ entry });
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (request.destination === "document" && !NOT_PAGES.test(pathname)) event.respondWith(page(request));
  } else if (pathname.startsWith("/assets/")) event.respondWith(asset(request, pathname));
  else if (files.includes(pathname)) event.respondWith(fetch(request).catch(() => kept(request)));
});

const kept = async (request) =>
  (await caches.match(request, { ignoreVary: true, ignoreSearch: true })) ?? Response.error();

/** The page of the server whenever there is one: it names the files of its version. */
async function page(request) {
  const late = new Promise((_resolve, reject) => setTimeout(reject, PATIENCE_MS));
  try {
    const answer = await Promise.race([fetch(request), late]);
    if (!AWAY.includes(answer.status)) return answer;
    return (await shellPage()) ?? answer;
  } catch {
    return (await shellPage()) ?? Response.error();
  }
}

const shellPage = () => caches.match("/", { cacheName: name, ignoreVary: true });

/** A file under a name with a hash never changes. */
async function asset(request, pathname) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  // not after everything was erased
  if (answer.ok && answer.type === "basic" && !LARGE.test(pathname) && (await caches.has(name)))
    await (await caches.open(name)).put(request, answer.clone());
  return answer;
}

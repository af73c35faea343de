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
  // past this script, where the browser can: what a page sends while it is left would end with the page in here
  event.addRoutes?.({ condition: { urlPattern: "/api/*" }, source: "network" }).catch(() => undefined);
  event.waitUntil(
    (async () => {
      const shell = await caches.open(name);
      await Promise.all(
        files.map(async (path) => {
          const answer = await fetch(path);
          if (!isFile(answer)) throw new Error(`not what was built: ${path}`);
          await shell.put(path, answer);
        }),
      );
      const page = await fetch("/", { cache: "reload" });
      if (page.redirected || !(await page.clone().text()).includes(entry))
        throw new Error("not the app's page");
      await shell.put("/", page);
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
  } else if (pathname.startsWith("/assets/")) event.respondWith(asset(event, pathname));
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

/** A file under a name with a hash never changes. Without a storage that works it comes from the server. */
async function asset(event, pathname) {
  const { request } = event;
  const found = await caches.match(request, { ignoreVary: true }).catch(() => undefined);
  if (found) return found;
  const answer = await fetch(request);
  if (isFile(answer) && !LARGE.test(pathname))
    event.waitUntil(store(request, answer.clone()).catch(() => undefined));
  return answer;
}

/** The whole of a file of the build: not a part of it, and not the page of a proxy that wants one to sign in. */
const isFile = ({ status, type, redirected, headers }) =>
  status === 200 &&
  type === "basic" &&
  !redirected &&
  !(headers.get("content-type") ?? "").startsWith("text/html");

async function store(request, answer) {
  // not after everything was erased
  if (await caches.has(name)) await (await caches.open(name)).put(request, answer);
}

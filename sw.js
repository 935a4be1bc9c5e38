// The service worker. The server decides by X-O2O-Cache what may be kept: page, private or none.

const BUILD = "__BUILD__";
const STATIC = `static-${BUILD}`;
const PAGES = "pages";
const TILES = "tiles";
const LIMIT = { [PAGES]: 60, [TILES]: 400 };
const PATIENCE = 4000;
// With no copy to show instead, a slow line gets this much longer before it is called no connection.
const LAST_PATIENCE = 8000;
const PRECACHE = __PRECACHE__;
// What a pass needs that was stored without ever being opened.
const NEEDED = ["js/reveal", "js/private", "js/wakelock", "js/live", "js/localtime", "js/toast", "js/submit-once"]
  .concat(["js/clock", "js/holder", "js/qr", "js/live-code", "js/device", "js/bind"])
  .concat(["js/outbox", "js/outbox-send", "js/outbox-list", "js/offline-checkin"])
  .map((name) => `${name}.js`)
  .concat("icons/sprite-places.svg")
  .map((path) => `/static/${BUILD}/${path}`);

// What a till needs with no network.
const TILL = "till";
const TILL_NEEDS = ["till", "till-desk", "till-ledger", "till-screen", "till-store", "till-sync", "till-verdict", "pass-code", "live-code", "scanner"]
  .concat(["answer", "sound", "arrivals", "submit-once", "reveal"])
  .map((name) => `js/${name}.js`)
  .concat("vendor/zxing-reader.js", "vendor/zxing_reader.wasm")
  .map((path) => `/static/${BUILD}/${path}`);
// An open door is worth a moment, a counter no more than that.
const TILL_PATIENCE = 250;

const LANES = 3;

let wipes = 0;
let stop = new AbortController();
let refreshing = null;
const pending = new Map();

self.addEventListener("install", (event) => {
  event.waitUntil(prepare());
});

// All that needs the network is done before the old worker goes: an activation that waits would hold every page back.
async function prepare() {
  const cache = await caches.open(STATIC);
  await cache.addAll(PRECACHE);
  const names = await caches.keys();
  if (names.some((name) => name.startsWith("private-"))) await keepNeeded(NEEDED);
  if (names.includes(TILL)) await keepNeeded(TILL_NEEDS);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy());
});

async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("static-") && name !== STATIC);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(event, url));
  else if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/map/")) event.respondWith(keptFile(request, url));
  else if (url.pathname.startsWith("/tiles/")) event.respondWith(keptTile(event));
  else if (request.headers.has("HX-Request")) event.respondWith(fragment(event, url));
});

async function arrive(event) {
  // A preload that is not consumed costs a second request.
  return (await event.preloadResponse) ?? fetch(event.request);
}

async function navigate(event, url) {
  const arriving = arrive(event);
  const own = await privateCopy(url);
  if (own && /^\/(wallet|passes)(\/|$)/.test(url.pathname)) {
    const fresh = arriving.then((response) => keep(response, url)).catch(() => null);
    pending.set(url.href, fresh);
    event.waitUntil(fresh);
    return own;
  }
  const shell = url.pathname === "/till" && !url.search ? await tillCopy(url) : null;
  const answer = arriving
    .then((response) => {
      if (mayKeep(response, url)) event.waitUntil(keep(response.clone(), url));
      return response;
    })
    .catch(() => null);
  event.waitUntil(answer);
  const within = (time) => Promise.race([answer, new Promise((resolve) => setTimeout(resolve, time, null))]);
  const first = await within(shell ? TILL_PATIENCE : PATIENCE);
  const copy = first ?? shell ?? own ?? (await pageCopy(url)) ?? (await within(LAST_PATIENCE));
  return copy ?? (await caches.match("/offline", { ignoreVary: true })) ?? Response.error();
}

async function keptFile(request, url) {
  const hit = await caches.match(request, { ignoreVary: true });
  if (hit) return hit;
  const response = await fetch(request).catch(() => null);
  if (response?.ok) {
    // A late download must not bring back what a newer worker has tidied away.
    if (await caches.has(STATIC)) await (await caches.open(STATIC)).put(request, response.clone());
    return response;
  }
  // A copy stored by an older build asks for its files under that build's name.
  const current = url.pathname.replace(/^\/static\/[^/]+\//, `/static/${BUILD}/`);
  return (await caches.match(current, { ignoreVary: true })) ?? response ?? Response.error();
}

async function keptTile(event) {
  const cache = await caches.open(TILES);
  const hit = await cache.match(event.request, { ignoreVary: true });
  if (hit) return hit;
  const response = await fetch(event.request);
  if (response.ok) {
    const copy = response.clone();
    event.waitUntil(cache.put(event.request, copy).then(() => trim(TILES)));
  }
  return response;
}

async function fragment(event, url) {
  const { request } = event;
  const key = `${url.href}${url.search ? "&" : "?"}__hx=1`;
  try {
    const response = await fetch(request);
    if (mayKeep(response, url) === "page") {
      const copy = response.clone();
      const cache = await caches.open(PAGES);
      event.waitUntil(cache.put(key, copy).then(() => trim(PAGES)));
    }
    return response;
  } catch {
    const hit = await caches.match(key, { ignoreVary: true });
    const headers = new Headers(hit?.headers);
    headers.set("HX-Trigger", "o2o:offline");
    if (!hit) headers.set("HX-Reswap", "none");
    return new Response(hit ? await hit.text() : "", { headers });
  }
}

// Who may keep it: "page", "private" or "" (redirects cannot answer a navigation; a position is never stored).
function mayKeep(response, url) {
  if (!response.ok || response.redirected || response.type !== "basic") return "";
  if (url.searchParams.has("lat") || url.searchParams.has("lng")) return "";
  const kind = response.headers.get("X-O2O-Cache");
  return ["page", "private", TILL].includes(kind) ? kind : "";
}

// Store a page in its cache; return its markup, or "" when it may not be kept.
async function keep(response, url) {
  const kind = mayKeep(response, url);
  if (!kind) return "";
  const start = wipes;
  const html = await response.text();
  const owner = /<body[^>]*\sdata-owner="([\w-]+)"/.exec(html)?.[1];
  const name = { page: PAGES, till: TILL }[kind] ?? `private-${owner}`;
  // Only a registered till keeps its shell, and only the plain one.
  if (kind === TILL && (url.search || !(await caches.has(TILL)))) return html;
  if (kind === "private" && (!owner || !(await caches.has(name)))) return html;
  // A late download must not bring back what a sign-out has wiped.
  if (start !== wipes) return "";
  const cache = await caches.open(name);
  await cache.put(url.href, stamped(html, response.headers));
  if (kind === "page") await trim(PAGES);
  return html;
}

// A copy says by itself that it is one, and from when; yesterday's toasts stay behind.
function stamped(html, received) {
  const now = new Date().toISOString();
  const body = html
    .replace('id="saved" hidden', 'id="saved"')
    .replace(/(<time id="saved-at")[^>]*>[^<]*</, `$1 datetime="${now}" data-behaviour="localtime">${now.slice(0, 16)}Z<`)
    .replace(/(<div class="toasts"[^>]*>)[^]*?<\/div>/, "$1</div>");
  const headers = new Headers(received);
  for (const name of ["Content-Encoding", "Content-Length", "ETag"]) headers.delete(name);
  headers.set("X-O2O-Saved", now);
  return new Response(body, { headers });
}

async function privateCopy(url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("private-")) continue;
    const hit = await (await caches.open(name)).match(url.href, { ignoreVary: true });
    if (hit) return hit;
  }
  return null;
}

async function pageCopy(url) {
  return (await caches.open(PAGES)).match(url.href, { ignoreVary: true });
}

const tillCopy = async (url) => (await caches.has(TILL)) && (await caches.open(TILL)).match(url.href, { ignoreVary: true });

async function keepTill() {
  await caches.open(TILL);
  await keepNeeded(TILL_NEEDS);
  const url = new URL("/till", self.location.origin);
  await keep(await fetch(url), url);
}

async function trim(name) {
  const cache = await caches.open(name);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - LIMIT[name])).map((key) => cache.delete(key)));
}

self.addEventListener("message", (event) => {
  const { type, owner, url } = event.data ?? {};
  const reply = (word) => event.ports[0]?.postMessage(word);
  if (type === "keep-till") event.waitUntil(keepTill().catch(() => {}));
  if (type === "refresh-private") event.waitUntil(refresh());
  if (type === "wipe") event.waitUntil(wipe(owner).then(reply));
  // A new worker waits until the visitor takes the update.
  if (type === "take-over") self.skipWaiting();
  if (type === "fresh") event.waitUntil(freshen(new URL(url)).then(reply));
});

// The connection is back, says the browser; the pages send, since they know who is signed in.
self.addEventListener("sync", (event) => {
  event.waitUntil(self.clients.matchAll().then((pages) => pages.forEach((page) => page.postMessage("outbox"))));
});

async function freshen(url) {
  const arriving = pending.get(url.href) ?? fetch(url).then((response) => keep(response, url)).catch(() => null);
  pending.delete(url.href);
  const html = await arriving;
  if (html) await refresh();
  return html;
}

function refresh() {
  refreshing ??= storePrivate().catch(() => {}).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function storePrivate() {
  const start = wipes;
  const { signal } = stop;
  const response = await fetch("/me/offline.json", { headers: { Accept: "application/json" }, signal });
  if (!response.ok || response.redirected) return;
  const { owner, pages } = await response.json();
  if (start !== wipes) return;
  const name = `private-${owner}`;
  const strangers = (await caches.keys()).filter((other) => other.startsWith("private-") && other !== name);
  await Promise.all(strangers.map((other) => caches.delete(other)));
  await keepNeeded(NEEDED);
  const cache = await caches.open(name);
  const wanted = pages.map((page) => new URL(page, self.location.origin));
  // A few at a time: what the guest taps meanwhile must not wait behind them.
  const queue = [...wanted];
  const lane = async () => {
    for (let url = queue.shift(); url; url = queue.shift()) await keep(await fetch(url, { signal }), url).catch(() => null);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (start !== wipes) return;
  const listed = new Set(wanted.map((url) => url.href));
  const left = (await cache.keys()).filter((request) => !listed.has(request.url));
  await Promise.all(left.map((request) => cache.delete(request)));
}

async function keepNeeded(paths) {
  if (!(await caches.has(STATIC))) return;
  const cache = await caches.open(STATIC);
  const held = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  await cache.addAll(paths.filter((path) => !held.has(path)));
}

async function wipe(owner) {
  wipes += 1;
  stop.abort();
  stop = new AbortController();
  pending.clear();
  await Promise.all([caches.delete(`private-${owner}`), caches.delete(PAGES)]);
}

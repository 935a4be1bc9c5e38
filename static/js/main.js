// Finds elements with data-behaviour and gives them life; a behaviour is a module beside this one, loaded when needed.

const alive = new WeakMap();
const waking = new WeakMap();
const NAME = /^[a-z][a-z-]*$/;

function enliven() {
  for (const element of document.querySelectorAll("[data-behaviour]")) {
    const done = alive.get(element) ?? new Set();
    const coming = [];
    alive.set(element, done);
    for (const name of element.dataset.behaviour.split(/\s+/)) {
      if (!NAME.test(name) || done.has(name)) continue;
      done.add(name);
      coming.push(import(`./${name}.js`).then((module) => module.default(element)).catch((error) => console.warn(name, error.message)));
    }
    if (!coming.length) continue;
    const awake = Promise.all(coming).then(() => { if (waking.get(element) === awake) waking.delete(element); });
    waking.set(element, awake);
  }
}

// A tap that was faster than its behaviour is not lost.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[type=button]");
  waking.get(button?.closest("[data-behaviour]"))?.then(() => button.click());
}, true);

// A form goes out with its behaviour (a purchase with this phone's key), but never waits for it longer than this.
const PATIENCE = 4000;
const held = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  const coming = waking.get(form);
  if (!coming) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (held.has(form)) return;
  held.add(form);
  Promise.race([coming, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).then(() => {
    held.delete(form);
    waking.delete(form);
    form.requestSubmit(event.submitter);
  });
}, true);

async function toast(detail) {
  const module = await import("./toast.js");
  module.say(detail.text, detail.kind);
}

const { dataset } = document.body;
const offline = document.getElementById("offline");

function showOffline(isOffline) {
  if (!offline) return;
  if (offline.hidden === isOffline) offline.textContent = isOffline ? dataset.sayOffline : "";
  offline.hidden = !isOffline;
}

// What is not needed before somebody touches it.
document.addEventListener("focusin", ({ target }) => {
  const { wakes } = target.dataset;
  if (!wakes) return;
  target.dataset.behaviour = wakes;
  enliven();
});

enliven();
document.body.addEventListener("htmx:afterSettle", enliven);
document.addEventListener("o2o:settled", enliven);
document.body.addEventListener("o2o:toast", (event) => toast(event.detail));

// A failed request is the truth about the connection; navigator.onLine only hints.
document.body.addEventListener("o2o:offline", () => showOffline(true));
document.body.addEventListener("htmx:sendError", () => showOffline(true));
document.body.addEventListener("htmx:timeout", () => showOffline(true));
document.body.addEventListener("htmx:afterOnLoad", (event) => {
  const trigger = event.detail.xhr.getResponseHeader("HX-Trigger") ?? "";
  if (!trigger.includes("o2o:offline")) showOffline(false);
});
window.addEventListener("offline", () => showOffline(true));
window.addEventListener("online", () => showOffline(false));

document.body.addEventListener("htmx:responseError", (event) => {
  const { triggeringEvent } = event.detail.requestConfig;
  if (triggeringEvent?.isTrusted) toast({ text: dataset.sayFailed, kind: "bad" });
});

if (document.querySelector("#toasts > *")) import("./toast.js").then((module) => module.default());

if (read("o2o.waiting")) import("./outbox-send.js");

document.getElementById("hello")?.addEventListener("click", () => {
  localStorage.setItem("o2o.met", "1");
  window.dispatchEvent(new Event("storage"));
});

// Asking to be installed: kept, and offered when there is something to keep. An iPhone has no such question.
const offerInstall = (prompt) => import("./install.js").then((module) => module.offer(prompt));
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offerInstall(event);
});
if (navigator.standalone === false) offerInstall(null);

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

async function work() {
  const registration = await navigator.serviceWorker.register("/sw.js");
  const tell = () => navigator.serviceWorker.controller && registration.waiting && import("./update.js").then((module) => module.default(registration));
  tell();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", tell));
}

if ("serviceWorker" in navigator && window.isSecureContext) {
  work().catch(() => {});
  // The passes just bought are stored at once, before anybody opens them.
  if (dataset.owner && location.pathname.startsWith("/orders/")) {
    const keep = () => document.querySelector('main a[href^="/passes/"]') && import("./private.js").then((module) => module.keep());
    keep();
    document.body.addEventListener("htmx:afterSettle", keep);
  }
}

// This phone's key for its guest: made on first use, never given away, and kept through a sign-out.

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
// How long a purchase waits for the key to be known; then the pass is one that any screen may show.
const PATIENCE = 4000;
const { owner } = document.body.dataset;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function keys(mode) {
  const opening = indexedDB.open("holder", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys", { keyPath: "owner" });
  const database = await done(opening);
  const store = database.transaction("keys", mode).objectStore("keys");
  store.transaction.oncomplete = () => database.close();
  return store;
}

/** Read the key of a guest: { pair, x, y }, or undefined when this phone has none. */
export const heldKey = async (name = owner) => done((await keys("readonly")).get(name));

const hex = (text) =>
  Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
    char.charCodeAt(0).toString(16).padStart(2, "0")).join("");

/** Give the key of a guest, made where there is none. Rejects where the browser cannot keep one. */
export async function deviceKey(name = owner) {
  const held = await heldKey(name);
  if (held) return held;
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const made = { owner: name, pair, x: hex(x), y: hex(y) };
  // Another tab may have been first: its key stays.
  const store = await keys("readwrite");
  const first = await done(store.get(name));
  if (!first) await done(store.put(made));
  navigator.storage?.persist?.().catch(() => {});
  return first ?? made;
}

/** Tell the server this phone's key; idempotent, and never an error to the guest. */
export async function register() {
  if (!owner) return;
  const { x, y } = await deviceKey();
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  await fetch("/me/device", { method: "POST", headers, body: JSON.stringify({ x, y }) });
}

// On a form that buys: the key is known before the order is placed, or the order goes without it.
export default function device(form) {
  let isOver = false;
  let isAsked = false;
  const known = register().catch(() => {}).finally(() => (isOver = true));
  form.addEventListener("submit", async (event) => {
    if (isOver) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsked) return;
    isAsked = true;
    form.setAttribute("aria-busy", "true");
    await Promise.race([known, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    form.submit();
  }, { capture: true });
}

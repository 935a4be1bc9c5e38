// What could not be sent waits on this phone, and is sent later: once, and only under the account that wrote it.

const DATABASE = "guest-outbox"; // a till's unsent claims live in a database of their own
const STORE = "entries";
const HINT = "o2o.waiting";
const PATIENCE = 8000;
const BYTES_A_MS = 20;
const PAUSES = [5, 15, 60, 300];
const ASK_AGAIN = [408, 425, 429];

const say = () => document.getElementById("waiting")?.dataset ?? {};
let timer = 0;
let tries = 0;

function work(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

function hint(value) {
  try {
    if (value) localStorage.setItem(HINT, value);
    else localStorage.removeItem(HINT);
  } catch {
    // without the hint it is sent from the next page with such a form
  }
}

export const all = () => work("readonly", (store) => store.getAll());
const put = (entry) => {
  hint("1");
  return work("readwrite", (store) => store.put(entry));
};
// What was thrown away meanwhile does not come back.
const change = (key, news) =>
  work("readwrite", (store) => {
    const reading = store.get(key);
    reading.onsuccess = () => reading.result && store.put({ ...reading.result, ...news });
    return reading;
  });
const drop = (key) => work("readwrite", (store) => store.delete(key));

// Who writes: the page knows, or the private copies do (the offline page is nobody's own).
export async function writer() {
  const names = document.body.dataset.owner ? [] : await caches.keys();
  return document.body.dataset.owner ?? names.find((name) => name.startsWith("private-"))?.slice(8) ?? "";
}

// Who is signed in now, as the server says it: "" for nobody, null when it cannot be asked.
async function whose() {
  try {
    const answer = await fetch("/me/offline.json", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401) return "";
    return answer.ok ? (await answer.json()).owner : null;
  } catch {
    return null;
  }
}

async function sentence(answer) {
  const text = await answer.text();
  if (answer.headers.get("Content-Type")?.includes("json")) return JSON.parse(text).title;
  const said = new DOMParser().parseFromString(text, "text/html").querySelector(".field-error, .notice-no, [role=alert]");
  return said?.textContent.trim() || document.body.dataset.sayFailed;
}

const patience = ({ fields }) => PATIENCE + fields.reduce((sum, [, value]) => sum + (value.size ?? 0), 0) / BYTES_A_MS;

// "sent" (and where to go on), "refused" (and the server's sentence), "nobody" is signed in, or "later".
async function post(entry) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, name === "claimed_at" && entry.late ? entry.made_at : value);
  // As htmx asks: the way on comes as a header, and its page is fetched once, by the visitor.
  const headers = { Accept: "application/json", "HX-Request": "true", "X-O2O-Outbox": "1" };
  try {
    const answer = await fetch(entry.action, { method: "POST", body, headers, signal: AbortSignal.timeout(patience(entry)) });
    const url = answer.headers.get("HX-Redirect");
    if (answer.status === 401 || url?.startsWith("/sign-in")) return { state: "nobody" };
    if (answer.ok && url) return { state: "sent", url };
    // A yes without a way on is not ours: a hotel's or a proxy's page in between.
    if (answer.ok || answer.status >= 500 || ASK_AGAIN.includes(answer.status)) return { state: "later" };
    return { state: "refused", sentence: await sentence(answer) };
  } catch {
    return { state: "later" };
  }
}

// The quiet line above the page, and the end of the hint that makes main.js load this file.
async function show() {
  const entries = await all();
  const me = await writer();
  const isMine = ({ owner, until }) => until < Date.now() && (!owner || !me || owner === me);
  const mine = entries.filter(isMine).length;
  if (!entries.length) hint("");
  const line = document.getElementById("waiting");
  if (line) {
    const link = document.createElement("a");
    link.href = document.body.dataset.owner ? "/me#outbox" : "/sign-in?next=/me";
    link.textContent = (me ? line.dataset.say : line.dataset.sayOut).replace("{}", mine);
    line.replaceChildren(link);
    line.hidden = !mine;
  }
  document.dispatchEvent(new CustomEvent("o2o:outbox"));
}

function again() {
  clearTimeout(timer);
  timer = setTimeout(now, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000);
  tries += 1;
}

// The page that still says "kept" says where it went instead.
function told(key, url) {
  const line = document.querySelector(`[data-kept="${CSS.escape(key)}"]`);
  if (!line) return;
  const link = document.createElement("a");
  link.href = url;
  link.textContent = say().sayLook;
  line.className = "notice notice-ok";
  line.replaceChildren(link);
}

async function sendAll() {
  const open = (await all()).filter(({ refused }) => !refused);
  // The page it was written on is still sending it, or was closed while it did.
  const waiting = open.filter(({ until }) => until < Date.now());
  if (waiting.length < open.length) timer = setTimeout(now, PATIENCE);
  const me = waiting.length ? await whose() : "";
  if (me === null) return again();
  let sent = 0;
  for (const entry of waiting) {
    if (!me || (entry.owner && entry.owner !== me)) continue;
    const outcome = await post({ ...entry, late: true });
    if (outcome.state === "later") again();
    if (outcome.state === "later" || outcome.state === "nobody") break;
    if (outcome.state === "refused") await change(entry.key, { refused: outcome.sentence });
    else await drop(entry.key);
    if (outcome.state === "sent") told(entry.key, outcome.url);
    if (outcome.state === "sent") sent += 1;
  }
  if (!sent) return undefined;
  tries = 0;
  (await import("./toast.js")).say(say().saySent);
  return (await import("./private.js")).keep();
}

// One tab at a time; the others come too late and find nothing left.
export async function send() {
  clearTimeout(timer);
  if (navigator.locks) await navigator.locks.request("outbox", { ifAvailable: true }, (lock) => lock && sendAll());
  else await sendAll();
  await show();
}

export async function retry(key) {
  await change(key, { refused: "" });
  await send();
}

export async function discard(key) {
  await drop(key);
  await show();
}

export async function forget(owner) {
  for (const entry of await all()) if (!entry.owner || entry.owner === owner) await drop(entry.key);
}

async function written(form, submitter) {
  const fields = [...new FormData(form, submitter)];
  const key = fields.find(([name]) => name === "key")?.[1] || crypto.randomUUID();
  const until = Date.now() + patience({ fields });
  return { key, kind: form.dataset.outboxKind, action: form.action, fields, owner: await writer(), made_at: new Date().toISOString(), until };
}

async function kept(form, key) {
  const line = document.createElement("p");
  line.className = "notice notice-wait";
  line.dataset.kept = key;
  line.tabIndex = -1;
  line.textContent = say().sayKept;
  form.after(line);
  form.hidden = true;
  line.focus();
  const registration = await navigator.serviceWorker?.getRegistration();
  registration?.sync?.register("outbox").catch(() => {});
}

// Send a form's words as the plain form would, or keep them; true when the plain form is to do it after all.
export async function submit(form, submitter) {
  const entry = await written(form, submitter);
  await put(entry);
  const { state, url } = await post(entry);
  // What the server refuses or asks for is said on its own page, as without this script.
  const isSaidThere = state === "refused" || (state === "nobody" && !entry.owner);
  if (state === "sent" || isSaidThere) await drop(entry.key);
  if (state === "sent") location.assign(url);
  if (state === "sent" || isSaidThere) return isSaidThere;
  await change(entry.key, { until: 0 });
  await kept(form, entry.key);
  again();
  await show();
  return false;
}

const now = () => send().catch(() => {}); // a phone that keeps nothing has nothing to send
window.addEventListener("online", now);
document.addEventListener("visibilitychange", () => document.hidden || now());
navigator.serviceWorker?.addEventListener("message", ({ data }) => data === "outbox" && now());
now();
if (document.getElementById("outbox")) import("./outbox-list.js").then((list) => list.default());

// The till's memory. It is no guest's: signing out ends the session in it and leaves the ledger alone.

const DATABASE = "till";
const STRICT = { durability: "strict" };
let opening = null;

export function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("state");
      const ledger = database.createObjectStore("ledger", { keyPath: "seq" });
      ledger.createIndex("claim", "claim_id", { unique: true });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => {
        opening = null;
      };
      resolve(request.result);
    };
  });
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

async function work(store, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, STRICT);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? request?.error);
  });
}

export const get = (key) => work("state", "readonly", (store) => store.get(key));
export const put = (key, value) => work("state", "readwrite", (store) => store.put(value, key));
export const remove = (key) => work("state", "readwrite", (store) => store.delete(key));

export const rows = () => work("ledger", "readonly", (store) => store.getAll());
export const row = (seq) => work("ledger", "readonly", (store) => store.get(seq));
// A seq that is there already is an error, never an overwrite: the ledger only grows.
export const add = (entry) => work("ledger", "readwrite", (store) => store.add(entry));
export const forget = (seq) => work("ledger", "readwrite", (store) => store.delete(seq));

export async function last() {
  let found = null;
  await work("ledger", "readonly", (store) => {
    const request = store.openCursor(null, "prev");
    request.onsuccess = () => {
      found = request.result?.value ?? null;
    };
    return request;
  });
  return found;
}

// What became of entries, in one transaction; what was signed in them stays as it is.
export function mark(news) {
  return work("ledger", "readwrite", (store) => {
    for (const { seq, fate } of news) {
      const reading = store.get(seq);
      reading.onsuccess = () => reading.result && store.put({ ...reading.result, fate });
    }
  });
}

// One tab at a time, also where the browser knows no locks.
let queue = Promise.resolve();
export function alone(name, act) {
  if (navigator.locks) return navigator.locks.request(`till-${name}`, act);
  const turn = queue.then(act, act);
  queue = turn.catch(() => {});
  return turn;
}

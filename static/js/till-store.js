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
      const again = () => {
        opening = null;
      };
      request.result.onclose = again;
      request.result.onversionchange = () => {
        request.result.close();
        again();
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
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

export const get = (key) => work("state", "readonly", (store) => store.get(key));
export const put = (key, value) => work("state", "readwrite", (store) => store.put(value, key));
export const remove = (key) => work("state", "readwrite", (store) => store.delete(key));

// What the server told. Read again only when some tab has written it again: it is long, and it is asked for often.
let known = { mark: null, lists: null };
export async function lists() {
  const mark = await get("listed");
  if (!mark || mark !== known.mark) known = { mark, lists: await get("lists") };
  return known.lists;
}
export const learn = (news) =>
  work("state", "readwrite", (store) => {
    store.put(news, "lists");
    store.put(crypto.randomUUID(), "listed");
  });

// The whole ledger. An entry the server has spoken of never changes again, so those at the beginning are kept in mind,
// as long as none of them was pruned and the book is the same. Nobody may change what is given here.
let settled = [];
export async function rows() {
  const mind = settled;
  const end = mind.at(-1);
  let asked;
  await work("ledger", "readonly", (store) => {
    const range = end && IDBKeyRange.lowerBound(end.seq, true);
    asked = [store.count(), store.getAll(range), store.get(end?.seq ?? 0)];
  });
  const [count, fresh, same] = asked.map(({ result }) => result);
  if (end && (same?.hash !== end.hash || count !== mind.length + fresh.length)) {
    settled = [];
    return rows();
  }
  const first = fresh.findIndex(({ fate }) => !fate);
  settled = mind.concat(first < 0 ? fresh : fresh.slice(0, first));
  return mind.concat(fresh);
}
export const row = (seq) => work("ledger", "readonly", (store) => store.get(seq));
// A seq that is there already is an error, never an overwrite: the ledger only grows.
export const add = (entry) => work("ledger", "readwrite", (store) => store.add(entry));
// What no server has said a word about stays, whoever asks.
export function forget(seq) {
  return work("ledger", "readwrite", (store) => {
    const reading = store.get(seq);
    reading.onsuccess = () => reading.result?.fate && store.delete(seq);
  });
}

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

// What became of entries, in one transaction. The first word stands; what was signed stays as it is.
export function mark(news) {
  return work("ledger", "readwrite", (store) => {
    for (const { seq, fate } of news) {
      const reading = store.get(seq);
      reading.onsuccess = () => reading.result && !reading.result.fate && store.put({ ...reading.result, fate });
    }
  });
}

// One tab at a time; where the browser knows no locks, one at a time in this tab. Waits for `patience` ms at most.
const queues = {};
export function alone(name, act, patience) {
  if (navigator.locks) {
    const options = patience ? { signal: AbortSignal.timeout(patience) } : {};
    return navigator.locks.request(`till-${name}`, options, act);
  }
  const turn = (queues[name] ?? Promise.resolve()).then(act);
  queues[name] = turn.catch(() => {});
  return turn;
}

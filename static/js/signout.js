// Signing out: ask when something was not sent yet, wipe the guest's copies and unsent
// words from this phone, then go. What a till has not sent stays.

const PATIENCE = 1500;

// A till on this phone: who signs out is not there any more; what it has not sent stays and is asked about.
async function leaveTill() {
  if (indexedDB.databases && !(await indexedDB.databases()).some(({ name }) => name === "till")) return null;
  const [store, ledger] = await Promise.all([import("./till-store.js"), import("./till-ledger.js")]);
  return { waiting: (await store.rows()).filter(ledger.isUnsent).length, end: () => Promise.all([store.remove("session"), store.remove("acting")]) };
}

function wipe(owner) {
  const active = navigator.serviceWorker?.controller;
  if (!active) return Promise.resolve();
  const { port1, port2 } = new MessageChannel();
  const wiped = new Promise((resolve) => {
    port1.onmessage = resolve;
  });
  active.postMessage({ type: "wipe", owner }, [port2]);
  return Promise.race([wiped, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

// The guest's own unsent words go too, once they know; nobody else's.
async function wipeOutbox(owner, question) {
  try {
    if (!localStorage.getItem("o2o.waiting")) return true;
    const outbox = await import("./outbox-send.js");
    const isOwn = (entry) => !entry.owner || entry.owner === owner;
    if ((await outbox.all()).some(isOwn) && !window.confirm(question)) return false;
    await outbox.forget(owner);
  } catch {
    return true; // a phone that cannot keep anything has nothing to wipe
  }
  return true;
}

export default function signout(form) {
  const { owner } = document.body.dataset;
  if (!owner) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const till = await leaveTill().catch(() => null);
    if (till?.waiting && !window.confirm(form.dataset.ask)) return;
    if (!(await wipeOutbox(owner, form.dataset.askOwn))) return;
    await till?.end?.();
    await wipe(owner);
    form.submit();
  });
}

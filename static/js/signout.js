// Signing out: ask when something was not sent yet, wipe the guest's copies and unsent
// words from this phone, then go. What a till has not sent stays.

const PATIENCE = 1500;

function unsent() {
  return new Promise((resolve) => {
    if (!indexedDB.databases) return resolve(false);
    indexedDB.databases().then((all) => {
      if (!all.some(({ name }) => name === "outbox")) return resolve(false);
      const opening = indexedDB.open("outbox");
      opening.onerror = () => resolve(false);
      opening.onsuccess = () => {
        const database = opening.result;
        const names = [...database.objectStoreNames];
        if (!names.length) return resolve(false);
        const reading = database.transaction(names);
        const counts = names.map((name) => reading.objectStore(name).count());
        reading.oncomplete = () => {
          database.close();
          resolve(counts.some(({ result }) => result > 0));
        };
        reading.onerror = () => resolve(false);
      };
    }, () => resolve(false));
  });
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
    if ((await unsent()) && !window.confirm(form.dataset.ask)) return;
    if (!(await wipeOutbox(owner, form.dataset.askOwn))) return;
    await wipe(owner);
    form.submit();
  });
}

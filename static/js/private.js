// Keeps the guest's wallet and passes on this phone, and replaces a saved copy by the fresh page when it comes.

async function worker() {
  if (!("serviceWorker" in navigator) || !document.body.dataset.owner) return null;
  const registration = await navigator.serviceWorker.ready;
  return registration.active;
}

export async function keep() {
  const active = await worker();
  active?.postMessage({ type: "refresh-private" });
  navigator.storage?.persist?.().catch(() => {});
}

const reading = (element) => element?.textContent.replace(/\s+/g, " ");

function show(html, stored) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("main");
  const main = document.getElementById("main");
  const saved = document.getElementById("saved");
  if (!fresh || !main) return;
  if (saved) saved.hidden = true;
  if (reading(fresh) === stored) return;
  main.replaceChildren(...fresh.childNodes);
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("o2o:settled"));
}

async function freshen() {
  // What was stored, not what somebody has opened or typed meanwhile.
  const stored = reading(document.getElementById("main"));
  const active = await worker();
  if (!active) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    if (data) show(data, stored);
    else if (data === null) document.body.dispatchEvent(new CustomEvent("o2o:offline"));
  };
  active.postMessage({ type: "fresh", url: location.href }, [port2]);
}

let isFirst = true;

export default async function guard() {
  const saved = document.getElementById("saved");
  if (isFirst && saved && !saved.hidden) {
    isFirst = false;
    await freshen();
    return;
  }
  isFirst = false;
  await keep();
}

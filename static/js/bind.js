// The second tap of binding a pass: the form gets this phone's key, or says that there is none.
import { deviceKey } from "./device.js";

export default async function bind(form) {
  // What is stored for later must not be the form that this tap kills.
  form.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.xhr.status === 200) navigator.serviceWorker?.controller?.postMessage({ type: "fresh", url: location.href });
  });
  try {
    const { x, y } = await deviceKey();
    form.elements.x.value = x;
    form.elements.y.value = y;
    form.hidden = false;
  } catch {
    form.nextElementSibling.hidden = false;
  }
}

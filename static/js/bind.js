// The second tap of binding a pass: the form gets this phone's key, or says that there is none.
import { deviceKey } from "./device.js";

export default async function bind(form) {
  try {
    const { x, y } = await deviceKey();
    form.elements.x.value = x;
    form.elements.y.value = y;
    form.hidden = false;
  } catch {
    form.nextElementSibling.hidden = false;
  }
}

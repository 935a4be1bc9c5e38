// What a till needs seldom: another member of staff takes the phone, or the ledger is carried away as a file.

import { wire } from "./till-ledger.js";
import { get, put, remove, rows } from "./till-store.js";

const TRIES = 5;
const PAUSE = 60_000;
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Save everything this till has written, sent or not, as a file. */
export async function saveLedger() {
  const till = await get("till");
  const entries = (await rows()).map((row) => ({ ...wire(row), fate: row.fate }));
  const about = { till: till.id, name: till.name, shop: till.shop, x: till.x, y: till.y, saved: new Date().toISOString(), entries };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(about, null, 1)], { type: "application/json" }));
  link.download = `till-${till.id}-${about.saved.slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Tell whether a PIN is somebody's (PBKDF2-SHA-256, as the server stores it). */
export async function pinHolds({ salt, hash, rounds }, pin) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: rounds }, key, 256);
  return hex(bits) === hash;
}

/** Let another member of staff take the phone: name, then PIN. It says who acts; it is no lock. */
export function switchStaff(now, root, after) {
  const dialog = root.querySelector("dialog");
  const form = dialog.querySelector("form");
  const { staff: select, pin } = form.elements;
  const wrong = dialog.querySelector("[role=alert]");
  const able = now.lists?.roster ?? [];
  select.replaceChildren(...able.filter(({ hash }) => hash).map(({ staff, name }) => new Option(name, staff)));
  if (now.staff) select.value = now.staff.staff;
  wrong.textContent = select.options.length ? "" : dialog.dataset.sayNone;
  pin.value = "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const guard = (await get("pins")) ?? { tries: 0, at: 0 };
    if (guard.tries >= TRIES && Date.now() - guard.at < PAUSE) {
      wrong.textContent = dialog.dataset.sayWait;
      return;
    }
    const chosen = able.find(({ staff }) => staff === Number(select.value));
    if (!chosen || !(await pinHolds(chosen, pin.value.normalize("NFKC").trim()))) {
      await put("pins", { tries: guard.tries >= TRIES ? 1 : guard.tries + 1, at: Date.now() });
      wrong.textContent = dialog.dataset.sayWrong;
      pin.value = "";
      return;
    }
    await remove("pins");
    await put("acting", { staff: chosen.staff, name: chosen.name });
    dialog.close();
    after();
  };
  dialog.querySelector("[data-part=close]").onclick = () => dialog.close();
  dialog.showModal();
}

// Keeps the screen on while a pass is shown and visible.

let lock = null;
let isAsked = false;

async function hold() {
  if (document.visibilityState !== "visible" || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    lock = null; // low battery or a browser that says no: the pass is shown all the same
  }
}

export default function wakelock() {
  if (!("wakeLock" in navigator)) return;
  hold();
  if (isAsked) return;
  isAsked = true;
  document.addEventListener("visibilitychange", hold);
}

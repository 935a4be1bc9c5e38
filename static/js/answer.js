// The till's answer: focus for the screen reader and the keyboard, vibration and sound for the busy hand.

import { play } from "./sound.js";

const BUZZ = { ok: [60], wait: [60, 80, 60], no: [250, 100, 250] };

export default function answer(element) {
  const { kind } = element.dataset;
  element.focus({ preventScroll: true });
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(BUZZ[kind] ?? []);
  play(kind);
}

// The till's sound, on or off; the choice stays on this device.

const KEY = "o2o.sound";

export function isOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function play(kind) {
  if (!isOn() || !window.AudioContext) return;
  const notes = { ok: [660, 990], wait: [520, 520], no: [220, 165] }[kind];
  if (!notes) return;
  const context = new AudioContext();
  notes.forEach((pitch, index) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + index * 0.14;
    tone.frequency.value = pitch;
    tone.type = kind === "no" ? "square" : "sine";
    volume.gain.setValueAtTime(0.18, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.13);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.14);
  });
  setTimeout(() => context.close(), 600);
}

export default function sound(button) {
  if (!window.AudioContext) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(isOn()));
  button.addEventListener("click", () => {
    const on = !isOn();
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      return;
    }
    button.setAttribute("aria-pressed", String(on));
    if (on) play("ok");
  });
}

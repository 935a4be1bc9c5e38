// Short sentences above the tab bar: they never take the focus and leave by themselves.

const STAY = 6000;
const region = document.getElementById("toasts");

export function say(text, kind = "good") {
  if (!region || !text) return;
  const line = document.createElement("p");
  line.className = `toast toast-${kind}`;
  line.textContent = text;
  region.append(line);
  setTimeout(() => line.remove(), STAY);
}

export default function sayAgain() {
  // A live region speaks of what is added to it, not of what the page came with.
  const lines = [...(region?.children ?? [])];
  for (const line of lines) {
    line.remove();
    say(line.textContent, /toast-(\w+)/.exec(line.className)?.[1]);
  }
}

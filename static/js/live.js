// A pass that changes state while it is open says so: by vibration and in words.

let shown = null;

export default async function live(element) {
  // Nobody looks: nothing is asked.
  element.addEventListener("htmx:beforeRequest", (event) => document.hidden && event.preventDefault());
  const word = element.querySelector(".pass-state b")?.textContent.trim();
  const before = shown;
  shown = word;
  if (!word || before === null || before === word) return;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(80);
  const module = await import("./toast.js");
  module.say(word);
}

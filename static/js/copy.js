// Copies a text; the button appears only where copying works.

export default function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { copy: text, from, said } = button.dataset;
    try {
      await navigator.clipboard.writeText(text ?? document.querySelector(from)?.textContent.trim() ?? "");
    } catch {
      return;
    }
    const module = await import("./toast.js");
    module.say(said);
  });
}

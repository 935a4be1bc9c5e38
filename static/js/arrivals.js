// Who has just arrived, beside the till's camera: asked every few seconds while somebody looks.

const EVERY = 10_000;

export default function arrivals(element) {
  async function ask(url, options = {}) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, ...options }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const focused = element.contains(document.activeElement) && document.activeElement.id;
    element.innerHTML = await answer.text();
    // The keyboard stays where the button was.
    if (focused) document.getElementById(focused)?.focus();
  }

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(event.target.action, { method: "POST", body: new FormData(event.target) });
  });
  const look = () => document.hidden || ask(element.dataset.url);
  setInterval(look, EVERY);
  look();
}

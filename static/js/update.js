// A new version waits: a quiet line offers it. It is taken when the visitor says so, never by itself, and never while
// a form on the page holds something unsent.

function isWriting() {
  return [...document.querySelectorAll("main form :is(input, textarea, select):not([type=hidden])")].some((field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== (field.defaultValue ?? field.value),
  );
}

export default function update(registration) {
  const line = document.getElementById("update");
  if (!line || !line.hidden || document.body.classList.contains("till")) return;
  const show = () => {
    line.hidden = isWriting();
  };
  line.querySelector("button").addEventListener("click", () => {
    if (isWriting()) return show();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage({ type: "take-over" });
    return undefined;
  });
  document.addEventListener("input", show);
  show();
}

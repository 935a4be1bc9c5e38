// A second tap on a form that is on its way does nothing; the server's key still decides.

export default function submitOnce(form) {
  let isOnItsWay = false;

  function free() {
    isOnItsWay = false;
    form.removeAttribute("aria-busy");
  }

  form.addEventListener("submit", (event) => {
    if (isOnItsWay) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    isOnItsWay = true;
    form.setAttribute("aria-busy", "true");
  });
  form.addEventListener("htmx:afterRequest", free);
  window.addEventListener("pageshow", (event) => event.persisted && free());
}

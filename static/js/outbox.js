// A form whose words must not be lost: what sends or keeps them is loaded once the page is quiet.

const sending = () => import("./outbox-send.js");

function plainly(form, submitter) {
  form.dataset.plain = "";
  form.requestSubmit(submitter);
}

export default function outbox(form) {
  setTimeout(() => sending().catch(() => {}), 1000);
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    if (event.defaultPrevented || "plain" in form.dataset) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    try {
      const { submit } = await sending();
      if (await submit(form, submitter)) plainly(form, submitter);
    } catch {
      plainly(form, submitter);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

// The phone's own share sheet, where there is one.

export default function share(button) {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const { url, title } = button.dataset;
    navigator.share({ url: new URL(url ?? "", location.href).href, title: title ?? document.title }).catch(() => {});
  });
}

// The phone's own share sheet; where there is none, the link is copied.

export default function share(button) {
  if (!navigator.share && !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { url, title, said } = button.dataset;
    const link = new URL(url ?? "", location.href).href;
    if (navigator.share) {
      navigator.share({ url: link, title: title ?? document.title }).catch(() => {});
      return;
    }
    await navigator.clipboard.writeText(link);
    (await import("./toast.js")).say(said);
  });
}

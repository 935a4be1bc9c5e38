// A poster opened with no connection: the offline page takes the code from the address and keeps the check-in.

export default function offlineCheckin(form) {
  if (!/^\/c\/[\w-]+$/.test(location.pathname)) return;
  const { key } = form.elements;
  key.value = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  form.action = location.pathname;
  for (const part of document.querySelectorAll("[data-checkin=yes], [data-checkin=no]")) part.hidden = part.dataset.checkin === "no";
  const title = document.querySelector("h1");
  title.textContent = form.dataset.title;
  document.title = form.dataset.title;
}

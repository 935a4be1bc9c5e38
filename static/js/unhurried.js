// An element that asks again and again does not ask while nobody looks.

export default function unhurried(element) {
  element.addEventListener("htmx:beforeRequest", (event) => document.hidden && event.preventDefault());
}

// "Near me": asked on tap only, rounded to about 100 m on the phone before it is sent, never stored.

const round = (degrees) => degrees.toFixed(3);

export default function near(button) {
  const { form } = button;
  if (!("geolocation" in navigator) || !window.isSecureContext || !form) return;
  const lat = form.elements.namedItem("lat");
  const lng = form.elements.namedItem("lng");
  const bbox = form.elements.namedItem("bbox");
  if (!lat || !lng) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(Boolean(lat.value)));

  function go(place) {
    lat.value = place ? round(place.latitude) : "";
    lng.value = place ? round(place.longitude) : "";
    if (bbox && place) bbox.value = "";
    button.setAttribute("aria-pressed", String(Boolean(place)));
    document.dispatchEvent(new CustomEvent("o2o:near", { detail: place ? [Number(lat.value), Number(lng.value)] : null }));
    form.requestSubmit();
  }

  async function refuse(error) {
    button.removeAttribute("aria-busy");
    const module = await import("./toast.js");
    module.say(error.code === error.PERMISSION_DENIED ? button.dataset.sayDenied : button.dataset.sayFailed, "wait");
  }

  button.addEventListener("click", () => {
    if (lat.value) {
      go(null);
      return;
    }
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.removeAttribute("aria-busy");
        go(coords);
      },
      refuse,
      { maximumAge: 60_000, timeout: 10_000 },
    );
  });
}

// A tap on the map writes its place into the form's two numbers; whoever types them sees the pin move.

const SIX = 6;

function ready(element) {
  if ("ready" in element.dataset) return Promise.resolve();
  return new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      if (!("ready" in element.dataset)) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(element, { attributes: true, attributeFilter: ["data-ready"] });
  });
}

export default async function tap(element) {
  await ready(element);
  const { L } = window;
  const map = window[element.dataset.mapName ?? "map_town"];
  const [lat, lng] = ["lat", "lng"].map((name) => document.getElementById(name));
  if (!map || !lat || !lng) return;
  const icon = L.divIcon({ className: "pin is-here", iconSize: [36, 36], iconAnchor: [18, 30] });
  const pin = L.marker(map.getCenter(), { icon, keyboard: false, interactive: false });

  function show(isMoved) {
    const place = [Number(lat.value), Number(lng.value)];
    if (!lat.value || !lng.value || !place.every(Number.isFinite)) return;
    pin.setLatLng(place).addTo(map);
    if (isMoved) map.setView(place, Math.max(map.getZoom(), 17), { animate: false });
  }

  map.on("click", ({ latlng }) => {
    const here = latlng.wrap();
    lat.value = here.lat.toFixed(SIX);
    lng.value = here.lng.toFixed(SIX);
    show(false);
  });
  for (const field of [lat, lng]) field.addEventListener("change", () => show(true));
  show(true);
}

// The map beside the list. The list is the truth: moving the map asks for a new list, and the pins come from that list.

const PAUSE = 150;
const MOST = 300;
const CLOSEST = 17;
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
}

function style(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  const ready = new Promise((resolve) => {
    link.onload = link.onerror = resolve;
  });
  document.head.append(link);
  return ready;
}

function readPins() {
  const pins = [];
  for (const holder of document.querySelectorAll("[data-pins]")) {
    try {
      pins.push(...JSON.parse(holder.dataset.pins));
    } catch {
      continue;
    }
  }
  return pins.slice(0, MOST);
}

export default async function town(element) {
  const { leaflet, mapScript, mapName = "map_town" } = element.dataset;
  const form = document.querySelector(element.dataset.form ?? "#filters");
  if (!mapScript || !leaflet) return;
  await Promise.all([window.L ? null : script(leaflet), style(new URL("../css/leaflet.css", import.meta.url).href)]);
  if (!document.getElementById(mapName)) {
    const canvas = document.createElement("div");
    canvas.id = mapName;
    element.append(canvas);
  }
  const { L } = window;
  const bbox = () => (form?.elements.namedItem("bbox")?.value ?? "").split(",").map(Number);

  function frame(map, pins) {
    const [west, south, east, north] = bbox();
    if ([west, south, east, north].every(Number.isFinite)) map.fitBounds([[south, west], [north, east]], { animate: false });
    else fit(map, pins);
  }

  function fit(map, pins) {
    if (!pins.length) return;
    const bounds = L.latLngBounds(pins.map(([, lat, lng]) => [lat, lng]));
    map.fitBounds(bounds.pad(0.1), { animate: false, maxZoom: CLOSEST });
  }

  // Framed before it has a layer: no tile is fetched for a place that nobody looks at.
  L.TileLayer.addInitHook(function () {
    this.beforeAdd = (map) => {
      frame(map, readPins());
      L.TileLayer.prototype.beforeAdd.call(this, map);
    };
  });
  await script(mapScript);
  const map = window[mapName];
  if (!(map instanceof L.Map)) return;

  const layer = L.layerGroup().addTo(map);
  const markers = new Map();
  let isOurs = false;
  let place = null;
  let timer = 0;
  let isAsked = false;

  // Moves that the page makes must not ask for a list again: without animation moveend comes before they return.
  function quietly(move) {
    isOurs = true;
    move();
    isOurs = false;
    place = here();
  }

  function here() {
    const { lat, lng } = map.getCenter();
    return `${lat.toFixed(5)} ${lng.toFixed(5)} ${map.getZoom()}`;
  }

  function light(id, isOn) {
    markers.get(String(id))?.getElement()?.classList.toggle("is-here", isOn);
  }

  function choose(id) {
    document.querySelectorAll(".card.is-here").forEach((card) => card.classList.remove("is-here"));
    markers.forEach((_marker, other) => light(other, other === String(id)));
    const card = document.getElementById(`shop-${id}`);
    if (!card) return;
    card.classList.add("is-here");
    card.scrollIntoView({ block: "center", behavior: isCalm.matches ? "auto" : "smooth" });
    card.querySelector("a")?.focus({ preventScroll: true });
  }

  function draw() {
    layer.clearLayers();
    markers.clear();
    const pins = readPins();
    for (const [id, lat, lng, name] of pins) {
      const icon = L.divIcon({ className: "pin", iconSize: [36, 36], iconAnchor: [18, 30] });
      const marker = L.marker([lat, lng], { icon, keyboard: false, title: name, alt: "" });
      marker.on("click", () => choose(id));
      marker.addTo(layer);
      markers.set(String(id), marker);
    }
    return pins;
  }

  function ask() {
    const field = form?.elements.namedItem("bbox");
    if (!field || !window.htmx) return;
    const bounds = map.getBounds();
    const edges = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    field.value = edges.map((edge) => edge.toFixed(5)).join(",");
    isAsked = true;
    form.requestSubmit();
  }

  // A turned phone changes the size, not the place; Leaflet says moveend a little later.
  map.on("resize", () => {
    place = here();
  });

  map.on("moveend", () => {
    const now = here();
    if (isOurs || now === place) return;
    place = now;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  document.body.addEventListener("htmx:afterSettle", () => {
    const pins = draw();
    const bounds = map.getBounds();
    if (!isAsked && pins.length && !pins.some(([, lat, lng]) => bounds.contains([lat, lng]))) quietly(() => fit(map, pins));
    isAsked = false;
  });

  document.addEventListener("o2o:near", ({ detail }) => {
    if (!detail) return;
    quietly(() => map.setView(detail, 16, { animate: false }));
    L.marker(detail, { icon: L.divIcon({ className: "pin pin-me", iconSize: [36, 36] }), keyboard: false, interactive: false }).addTo(map);
  });

  for (const [event, isOn] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(event, ({ target }) => {
      const card = target.closest?.(".card[id]");
      if (card) light(card.id.slice(5), isOn);
    });
  }

  quietly(() => map.invalidateSize({ animate: false }));
  draw();
  element.dataset.ready = "";
}

// "How far I am", on tap only: computed here from a rounded position; of it only one of three words is sent.

const METRES = 111_320;
const round = (degrees) => Math.round(degrees * 1000) / 1000;

function bucketOf({ latitude, longitude }, lat, lng) {
  const north = (round(latitude) - lat) * METRES;
  const east = (round(longitude) - lng) * METRES * Math.cos((lat * Math.PI) / 180);
  const metres = Math.hypot(north, east);
  if (metres <= 150) return "here";
  return metres <= 1000 ? "near" : "far";
}

export default function bucket(button) {
  const field = button.form?.elements.namedItem("bucket");
  if (!field || !("geolocation" in navigator) || !window.isSecureContext) return;
  const { dataset } = button;
  const line = button.querySelector("span");
  const ask = line.textContent;
  button.hidden = false;

  function set(word) {
    field.value = word;
    button.setAttribute("aria-pressed", String(word !== "none"));
    line.textContent = { here: dataset.sayHere, near: dataset.sayNear, far: dataset.sayFar }[word] ?? ask;
  }

  set("none");
  button.addEventListener("click", () => {
    if (field.value !== "none") {
      set("none");
      return;
    }
    button.setAttribute("aria-busy", "true");
    const done = () => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        done();
        set(bucketOf(coords, Number(dataset.lat), Number(dataset.lng)));
      },
      () => {
        done();
        line.textContent = dataset.sayDenied;
      },
      { maximumAge: 60_000, timeout: 10_000 },
    );
  });
}

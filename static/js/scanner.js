// The eye of the till and of /scan: rear camera, the browser's own detector or zxing, and a typed field beside it.

const EVERY = 110;
// A small frame is enlarged to so many pixels: fine modules are read far better.
const AREA = 960 * 720;
const DIGITS = /^[0-9]{40,800}$/;
const CODE = /^[0-9a-hj-km-np-tv-z]{13}$/;

function load(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
}

async function nativeReader() {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (!formats.includes("qr_code")) return null;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  } catch {
    return null;
  }
}

export async function ownReader({ reader, wasm }) {
  await load(reader);
  const { ZXingWASM } = window;
  await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.sqrt(AREA / (video.videoWidth * video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = brush.getImageData(0, 0, canvas.width, canvas.height);
    const options = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryInvert: false };
    const found = await ZXingWASM.readBarcodes(image, options);
    return found[0]?.text;
  };
}

// What goes into the field, or null. With `own` only that very prefix and a code: nothing is parsed, nothing opened.
function wanted(text, own) {
  if (!own) return DIGITS.test(text) ? text : null;
  const code = text.startsWith(own) ? text.slice(own.length) : "";
  return CODE.test(code) ? code : null;
}

function reason(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "sayDenied";
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "sayNone";
  return "sayBusy";
}

function addTorch(element, track) {
  if (!track.getCapabilities?.().torch || !element.dataset.sayTorch) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn scanner-torch";
  button.setAttribute("aria-label", element.dataset.sayTorch);
  button.setAttribute("aria-pressed", "false");
  button.textContent = "☀";
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    track.applyConstraints({ advanced: [{ torch: on }] }).then(() => button.setAttribute("aria-pressed", String(on)), () => {});
  });
  element.append(button);
}

export default async function scanner(element) {
  const { dataset } = element;
  const form = document.querySelector(dataset.form);
  const field = form?.elements.namedItem("code");
  if (!field) return;
  const line = element.querySelector(".scanner-say") ?? element.appendChild(document.createElement("p"));
  line.className = "scanner-say";
  line.setAttribute("role", "status");
  let stream = null;
  let isOpen = false;

  function say(key) {
    line.textContent = dataset[key] ?? "";
    element.dataset.state = key;
  }

  function stop() {
    isOpen = false;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    element.querySelectorAll("video, .scanner-torch").forEach((part) => part.remove());
  }

  async function start() {
    if (isOpen) return;
    if (!window.isSecureContext) return say("sayInsecure");
    if (!navigator.mediaDevices?.getUserMedia) return say("sayNone");
    isOpen = true;
    try {
      const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (error) {
      isOpen = false;
      return say(reason(error));
    }
    if (!isOpen) return stop();
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.setAttribute("aria-hidden", "true");
    video.srcObject = stream;
    element.prepend(video);
    addTorch(element, stream.getVideoTracks()[0]);
    let read;
    try {
      await video.play();
      read = (await nativeReader()) ?? (await ownReader(dataset));
    } catch {
      stop();
      return say("sayBusy");
    }
    say("sayScanning");
    look(video, read);
  }

  async function look(video, read) {
    if (!isOpen) return;
    let text = null;
    try {
      if (video.readyState >= 2) text = await read(video);
    } catch {
      text = null; // one bad frame is no reason to stop looking
    }
    if (!isOpen) return;
    const code = text ? wanted(text, dataset.own) : null;
    if (code) {
      stop();
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(40);
      field.value = code;
      form.requestSubmit();
      return;
    }
    if (text && dataset.sayForeign && element.dataset.state !== "sayForeign") say("sayForeign");
    setTimeout(look, EVERY, video, read);
  }

  element.addEventListener("o2o:again", start);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => event.persisted && start());
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  await start();
}

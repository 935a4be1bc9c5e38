// Shows a bound pass: every half minute this phone signs that it holds it, and draws the code. No network is asked.
import { now } from "./clock.js";
import { heldKey, register } from "./device.js";
import { bytesOf, liveText, proofMessage, stepOf } from "./live-code.js";
import { path } from "./qr.js";

const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const STEP = 30;

async function digits(token, step, key) {
  const signature = await crypto.subtle.sign(SIGNING, key, await proofMessage(token, step));
  return liveText(token, step, signature);
}

function show(article, key) {
  const code = article.querySelector("#live-code");
  const ring = article.querySelector("#ring");
  const face = ring.querySelector("svg");
  const hand = face.lastElementChild;
  const token = bytesOf(article.dataset.token);
  let timer = 0;
  let drawn = 0;

  async function draw(step) {
    drawn = step;
    const { d } = path(await digits(token, step, key));
    if (drawn === step) code.setAttribute("d", d);
  }

  function tick() {
    clearTimeout(timer);
    if (!article.isConnected) {
      document.removeEventListener("visibilitychange", tick);
      return;
    }
    const time = now();
    const left = STEP - (Math.floor(time / 1000) % STEP);
    hand.setAttribute("stroke-dasharray", `${left} ${STEP}`);
    face.setAttribute("aria-label", ring.dataset.say.replace("{n}", left));
    ring.dataset.left = left;
    if (stepOf(time) !== drawn) draw(stepOf(time)).catch(() => away(article));
    timer = setTimeout(tick, 1000 - (time % 1000));
  }

  document.addEventListener("visibilitychange", tick);
  tick();
}

function away(article) {
  for (const id of ["live", "ring", "away"]) article.querySelector(`#${id}`).hidden = id !== "away";
}

export default async function holder(article) {
  const key = await heldKey().catch(() => null);
  if (key?.x !== article.dataset.device) {
    away(article);
    return;
  }
  show(article, key.pair.privateKey);
  navigator.storage?.persist?.().catch(() => {});
  // Once a visit: what this phone buys next is bound to it too.
  if (!sessionStorage.getItem("o2o.device")) {
    register().then(() => sessionStorage.setItem("o2o.device", "1")).catch(() => {});
  }
}

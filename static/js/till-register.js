// Makes this browser a till: a key that never leaves it, a name, and the owner's word.

import { isUnsent } from "./till-ledger.js";
import { alone, forget, get, put, remove, rows } from "./till-store.js";

const EVERY = 10_000;
// What a phone learnt as one till is not what it knows as another.
const LEARNT = ["lists", "listed", "session", "acting"];
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };

const fromBase64url = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
const toHex = (text) => Array.from(fromBase64url(text), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");

async function newKey() {
  const pair = await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { pair, x: toHex(x), y: toHex(y) };
}

/** The server's word on this key; it is kept before it is asked, so that a lost answer costs nothing. */
async function ask(mine) {
  const { shop, name, x, y } = mine;
  const answer = await fetch("/till/register", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ shop, name, x, y }),
  });
  const said = await answer.json().catch(() => ({}));
  if (said.code === "till_revoked") return { ...mine, state: "revoked" };
  if (!answer.ok) throw Object.assign(new Error("refused"), { sentence: said.title });
  return { ...mine, id: said.till, name: said.name, state: said.state };
}

/** Lay the book of the till that this phone was aside, whole and sent; false while something waits. */
async function layAside(mine, app) {
  if (mine.id && (await rows()).some(isUnsent)) {
    const { sync } = await import("./till-sync.js");
    await sync({ app }).catch(() => {});
  }
  return alone("ledger", async () => {
    const all = await rows();
    if (all.some(isUnsent)) return false;
    const place = `kept:${mine.id}`;
    const before = (await get(place))?.rows ?? [];
    const seqs = new Set(all.map(({ seq }) => seq));
    if (mine.id) await put(place, { till: mine, rows: [...before.filter(({ seq }) => !seqs.has(seq)), ...all] });
    for (const { seq } of all) await forget(seq);
    for (const key of [...LEARNT, "till"]) await remove(key);
    return true;
  });
}

export default function register(element) {
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  const { shop, next, app } = element.dataset;
  const form = element.querySelector("form");
  const box = part("say");
  let timer = 0;

  function say(text) {
    box.textContent = text ?? "";
    box.hidden = !text;
  }

  function show(name) {
    for (const each of ["ask", "waiting", "over", "active"]) part(each).hidden = each !== name;
    clearTimeout(timer);
    if (name === "waiting") timer = setTimeout(look, EVERY);
  }

  function partOf(mine) {
    if (mine?.id && mine.shop !== Number(shop)) return "over";
    // Only a press lets a phone in: an owner who holds one that waits is asked, too.
    const asks = "owner" in element.dataset ? "ask" : "waiting";
    return { waiting: asks, active: "active", revoked: "over" }[mine?.state] ?? "ask";
  }

  async function settle(mine) {
    await put("till", mine);
    show(partOf(mine));
    if (mine.state === "active") location.assign(next);
    else if (mine.state === "waiting") part("waiting").focus();
  }

  async function attempt(act) {
    say("");
    await act().catch((error) => say(error.sentence ?? element.dataset.sayFailed));
  }

  async function look() {
    clearTimeout(timer);
    const mine = await get("till");
    if (!element.isConnected || partOf(mine) !== "waiting") return;
    timer = setTimeout(look, EVERY);
    if (document.hidden) return;
    const said = await ask(mine).catch(() => mine);
    if (said.state !== "waiting") await settle(said);
  }

  async function send() {
    const name = form.elements.namedItem("name").value.trim();
    const before = await get("till");
    const isSame = before?.shop === Number(shop) && ["asking", "waiting"].includes(before.state);
    const key = isSame ? before : await newKey();
    const mine = { ...key, id: "", shop: Number(shop), name, state: "asking" };
    await put("till", mine);
    navigator.storage?.persist?.();
    await settle(await ask(mine));
  }

  async function renew() {
    const mine = await get("till");
    if (mine && !(await layAside(mine, app))) return say(element.dataset.sayUnsent);
    show("ask");
    form.elements.namedItem("name").focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    await attempt(send);
    button.disabled = false;
  });
  document.addEventListener("visibilitychange", () => document.hidden || look());
  element.querySelector('[data-act="renew"]').addEventListener("click", () => attempt(renew));

  if (!window.crypto?.subtle) return say(element.dataset.sayInsecure);
  get("till").then(
    (mine) => {
      if (mine?.state === "waiting") form.elements.namedItem("name").value = mine.name;
      show(partOf(mine));
    },
    () => say(element.dataset.sayStorage),
  );
}

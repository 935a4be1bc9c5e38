// The registered till: looks, asks, writes its ledger, answers; with the server when it is there, without it when not.

import { append, tally, UNDO } from "./till-ledger.js";
import * as screen from "./till-screen.js";
import { alone, get, lists as known, put, remove, rows } from "./till-store.js";
import { sync } from "./till-sync.js";
import { clockOf, judge } from "./till-verdict.js";

const HURRY = 2500;
const QUIET = 30_000;
const PAUSES = [5_000, 15_000, 60_000, 300_000];
const SESSION = 12 * 3_600_000;
const SAME_SIGHT = 10_000;
const BREATH = 600;
// So long staff may think before they say yes: the code was fresh when they looked (the server gives as much).
const ASKING = 5 * 60_000;
// What the server may know better, since it was there later.
const ASK_AGAIN = ["unknown_key", "revoked", "superseded", "already_used_elsewhere", "wrong_time", "format:typed"];

let app = "";
let isOffline = false;
let offlineSince = 0;
let lastState = "";
let quietUntil = 0;
let tries = 0;
let timer = 0;
let lastSight = { text: "", reason: "", at: 0 };

async function world() {
  const keys = ["till", "clock", "seen", "session", "acting"];
  const [lists, till, clock, seen, session, acting] = await Promise.all([known(), ...keys.map(get)]);
  const sums = await tally(lists?.annulled);
  const time = clockOf({ ...clock, seen });
  if (clock && time.now > (seen ?? 0)) await put("seen", time.now);
  // A clock that was turned back makes no session young again.
  const isOpen = Boolean(session) && time.latest - session.at <= SESSION;
  const staff = acting ?? session;
  const isMine = isOpen && till?.state === "active";
  return { till, shop: till?.shop, lists, clock: time, session: isOpen ? session : null, staff: isMine ? staff : null, ...sums };
}

async function refresh() {
  screen.status(await world(), { isOffline, lastState });
}

// The network is asked for as long as staff would wait, and not again at once after it failed.
async function reach(patience) {
  const result = await sync({ app, patience }).catch((error) => ({ state: "later", error }));
  isOffline = result.state === "offline" || (result.state === "later" && !result.lists);
  if (result.state === "offline") offlineSince = Date.now();
  lastState = result.state;
  quietUntil = Date.now() + (result.error?.wait ?? 0);
  // The server knows nobody here any more, so this phone does not either; its ledger stays.
  if (result.state === "signed_out") await Promise.all([remove("session"), remove("acting")]);
  const isFine = result.state === "done";
  tries = isFine ? 0 : tries + 1;
  clearTimeout(timer);
  timer = setTimeout(background, Math.max(result.error?.wait ?? 0, isFine ? PAUSES[2] : PAUSES[Math.min(tries, PAUSES.length) - 1]));
  return result;
}

async function background() {
  if (document.hidden) return;
  await reach();
  await refresh();
}

const mayAsk = () => Date.now() >= quietUntil && (!isOffline || Date.now() - offlineSince > QUIET);

function draft(now, { act, text = "", quantity = 0, reason = "ok", mode, verdict, drift = null, pass = "", gen = 0, of = "", note = "" }) {
  return {
    act, text, quantity, reason, mode, verdict, drift, pass, gen, of, note, app,
    staff: now.staff.staff,
    at: Math.round(now.clock.now - now.clock.offset),
    offset: Math.round(now.clock.offset),
    list: now.lists.cursor,
    list_age: Math.max(0, Math.round(((now.clock.latest ?? now.clock.now) - now.lists.at) / 1000)),
  };
}

const notes = (now, warn = []) => [...warn, now.clock.isSetBack && "clock_back", !now.clock.isProven && "clock_unproven"].filter(Boolean).join(" ");

/** Look at a code: ask staff what to hand over, or say why not. */
async function look(text, isTyped) {
  // The code just answered is still before the camera: look on, and say nothing of it.
  if (!isTyped && text === lastSight.text && Date.now() - lastSight.at < SAME_SIGHT) return void setTimeout(screen.again, BREATH);
  let now = await world();
  if (!now.staff) return screen.locked(now);
  let answer = await judge(text, 1, now);
  const key = answer.variant ? `${answer.reason}:${answer.variant}` : answer.reason;
  const isOdd = ASK_AGAIN.includes(answer.reason) || ASK_AGAIN.includes(key) || answer.warn?.includes("terms");
  if (isOdd && mayAsk() && (await reach(HURRY)).state === "done") {
    now = await world();
    answer = await judge(text, 1, now);
  }
  if (answer.reason === "ok" && answer.bar && !mayAsk()) answer = { ...answer, reason: answer.bar };
  const seen = Date.now();
  if (answer.reason === "ok") return screen.ask(now, answer, (quantity) => alone("take", () => take(text, quantity, seen)));
  await refuse(now, text, answer);
}

async function refuse(now, text, answer) {
  const { code, reason } = answer;
  const isAgain = lastSight.text === text && lastSight.reason === reason && Date.now() - lastSight.at < SAME_SIGHT;
  lastSight = { text, reason, at: Date.now() };
  if (!isAgain && now.lists) {
    const of = code ? { text: code.text, pass: code.token.passId, gen: code.token.gen, drift: answer.drift ?? null } : { text: text.trim().slice(0, 600) };
    await append(draft(now, { ...of, act: "refuse", reason, mode: isOffline ? "offline" : "online", verdict: "refused", note: notes(now) }), code ? screen.memo(answer) : {});
  }
  screen.refuse(now, answer, { undo, again: home });
  await refresh();
}

/** Take uses after staff said yes: written first, then the server is asked, then the answer is shown. */
async function take(text, quantity, seen) {
  const now = await world();
  const thought = Date.now() - seen;
  const answer = await judge(text, quantity, { ...now, clock: { ...now.clock, shown: now.clock.now - (thought < ASKING ? thought : 0) } });
  if (answer.reason !== "ok") return refuse(now, text, answer);
  const { code } = answer;
  const isAsking = mayAsk();
  if (!isAsking && answer.bar) return refuse(now, text, { ...answer, reason: answer.bar });
  const row = await append(
    draft(now, { act: "redeem", text: code.text, quantity, mode: isAsking ? "online" : "offline", verdict: "ok", drift: answer.drift, pass: code.token.passId, gen: code.token.gen, note: notes(now, answer.warn) }),
    screen.memo(answer, quantity),
  );
  lastSight = { text, reason: "ok", at: Date.now() };
  if (isAsking) await reach(HURRY);
  const fate = (await rows()).find(({ seq }) => seq === row.seq)?.fate;
  if (!fate && answer.bar) {
    await annul(row, "unreachable");
    return refuse(now, text, { ...answer, reason: answer.bar });
  }
  if (fate && !["stored", "duplicate"].includes(fate.verdict)) screen.refuse(now, { ...answer, reason: fate.reason || fate.verdict, fate }, { undo, again: home });
  else screen.done(now, answer, row, fate, { undo, again: home });
  await refresh();
}

async function annul(row, why) {
  const now = await world();
  await append(draft(now, { act: "annul", mode: mayAsk() ? "online" : "offline", verdict: "ok", pass: row.pass, gen: row.gen, of: row.claim_id, note: why }), { until: row.own.until });
}

async function undo(row, why) {
  const now = await world();
  if (!now.staff) return screen.locked(now);
  if (now.clock.now - (row.at + row.offset) >= UNDO) return screen.late();
  await annul(row, why);
  if (mayAsk()) await reach(HURRY);
  const fate = (await rows()).find(({ act, of }) => act === "annul" && of === row.claim_id)?.fate;
  if (fate?.verdict === "rejected") screen.late(fate);
  else screen.undone(row, { again: home });
  await refresh();
}

async function home() {
  screen.home();
  await refresh();
}

// The page and all it needs stay on this phone, so that the icon opens it with no network.
async function keepShell() {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage({ type: "keep-till" });
  navigator.storage?.persist?.().catch(() => {});
}

async function start(form) {
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const text = form.elements.namedItem("code").value;
      if (text.trim() && !screen.isBusy()) look(text, Boolean(event.submitter)).catch((error) => screen.trouble(error));
    },
    true,
  );
  window.addEventListener("online", () => background());
  document.addEventListener("visibilitychange", () => document.hidden || background());
  screen.wire({ undo, world, home, send: () => reach().then(refresh) });
  await refresh();
  await background();
}

export default async function till(element) {
  const form = document.querySelector(element.dataset.form);
  const mine = await get("till").catch(() => null);
  if (!form || mine?.state !== "active" || mine.shop !== Number(element.dataset.shop)) return;
  app = element.dataset.app;
  screen.set(element);
  for (const id of ["server-scans", "till-offer"]) document.getElementById(id)?.remove();
  await start(form);
  keepShell();
}

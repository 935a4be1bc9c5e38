// What the till says of a code, from what this phone knows: the checks in their order, the first failure wins.
// The server decides again when it hears of it; nothing here is believed there.

import { codeHash, freshness, issuerHolds, normalCode, parse, proofHolds, stepOf } from "./pass-code.js";

const MINUTE = 60_000;
export const LEEWAY = 10;
export const PROVEN = 24 * 60 * MINUTE;
const SET_BACK = 2 * MINUTE;
const TYPED = 64;
const GROUP = 2 ** 31;
const FARTHEST = GROUP - 1;
// A till that was never told anything can vouch for nothing.
const UNTOLD = { keys: {}, codes: {} };

// Tell the time: the server's by the last offset; proven while that is a day old at most and nobody turned it back.
// `latest` is the greatest time ever seen: what a clock turned back does not make young again.
export function clockOf({ offset = 0, at = 0, seen = 0 } = {}, local = Date.now()) {
  const now = local + offset;
  const isSetBack = now < seen - SET_BACK;
  return { now, offset, isSetBack, latest: Math.max(now, seen), isProven: at > 0 && !isSetBack && now - at <= PROVEN };
}

// Tell whether weekday and hour of a moment are inside the terms; hours past midnight belong to the day before.
export function usableAt({ weekdays, from_minute: from, to_minute: to }, now, timeZone) {
  const form = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const part = Object.fromEntries(form.formatToParts(now).map(({ type, value }) => [type, value]));
  const today = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part.weekday);
  const minute = Number(part.hour) * 60 + Number(part.minute);
  const [start, end] = from === null || to === null ? [0, 1440] : [from, to];
  return [0, 1].some((back) => {
    const at = minute + 1440 * back;
    return (weekdays >> (today - back + 7) % 7) & 1 && at >= start && at < end;
  });
}

async function typed(text, lists) {
  const code = normalCode(text);
  const row = code && lists.codes[await codeHash(code)];
  if (!row) return { reason: "format", variant: "typed" };
  const [passId, gen, termsId, notBefore, expires, uses, value, flags] = row;
  const token = { passId, gen, termsId, notBefore, expires, uses, value, scopeId: null };
  return { kind: "typed", token: { ...token, onlineOnly: Boolean(flags & 4), askForId: Boolean(flags & 8) }, text: code };
}

// Read a scanned or typed code: its kind and token once the issuer's signature holds, else a reason.
export async function read(text, lists) {
  const given = text.trim();
  if (given.length <= TYPED) return typed(text, lists);
  let code;
  try {
    code = parse(given);
  } catch {
    return { reason: "format" };
  }
  const key = lists.keys[code.token.kid];
  if (!key || key.state === "withdrawn") return { reason: "unknown_key" };
  if (!(await issuerHolds(code, key))) return { reason: "signature" };
  return { ...code, text: given };
}

const age = (lists, clock) => (clock.latest - lists.at) / 1000;

function window(token, now) {
  const minute = now / MINUTE;
  if (minute < token.notBefore - LEEWAY) return "too_early";
  return minute >= token.expires + LEEWAY ? "expired" : "";
}

function listed({ passId, gen }, lists) {
  if (passId in lists.revoked) return ["revoked", lists.revoked[passId]];
  return gen < (lists.superseded[passId] ?? 0) ? ["superseded", ""] : ["", ""];
}

// The server's count knows what it has heard from here; what waits here comes on top.
function used({ passId, uses }, quantity, { lists, passes }, step) {
  const own = passes.get(passId);
  const told = lists.used[passId]?.[0] ?? 0;
  const left = uses - Math.max(told + (own?.unsent ?? 0), own?.used ?? 0);
  // One showing scanned twice is one use.
  const same = step === null ? null : own?.steps.get(step);
  if (same || own?.used >= uses) return { reason: "already_used_here", left, last: same ?? own.last };
  if (left <= 0) return { reason: "already_used_elsewhere", left, last: null };
  return { reason: left < quantity ? "not_enough_uses" : "", left, last: null };
}

async function proof(code, clock) {
  if (code.kind === "bound") return { reason: "copy" };
  if (code.kind !== "live") return { reason: "", drift: null };
  if (!(await proofHolds(code))) return { reason: "signature", variant: "proof" };
  const drift = Math.min(code.step - stepOf(clock.shown ?? clock.now), FARTHEST);
  const word = freshness(drift, clock.isProven);
  return { reason: word === "ok" || word === "amber" ? "" : word, drift, isAmber: word === "amber" };
}

// Say what stands in the way of taking it with no network: "" or budget or online_required.
export function offlineBar({ kind, token }, quantity, { lists, clock, claims, value, passes }) {
  const { rules } = lists;
  const weight = kind === "live" ? 1 : 2;
  const worth = (uses) => Math.ceil((token.value * uses) / token.uses);
  if (token.onlineOnly || (kind !== "live" && !rules.bearer_offline)) return "online_required";
  if (age(lists, clock) > rules.last_age && worth(quantity) > rules.floor) return "online_required";
  // A pass's limit is for what waits of it, too: five uses one by one are worth five.
  const each = worth(quantity + (passes.get(token.passId)?.unsent ?? 0));
  const over = claims + weight > rules.most_claims || each > rules.most_each || value + weight * worth(quantity) > rules.most_total;
  return over ? "budget" : "";
}

// Judge a code. The answer has its reason and, once the issuer's signature holds, the code; `bar` is what forbids it
// offline, `warn` what staff should know (clock, lists, terms).
export async function judge(text, quantity, world) {
  const { clock, shop } = world;
  const lists = world.lists?.rules ? world.lists : UNTOLD;
  const code = await read(text, lists);
  if (code.reason) return code;
  const { token } = code;
  const terms = lists.terms[token.termsId] ?? null;
  const refuse = (reason, more = {}) => ({ reason, code, terms, ...more });
  if (token.scopeId !== null && token.scopeId !== shop) return refuse("wrong_shop", { isGroup: token.scopeId >= GROUP });
  const early = window(token, clock.now);
  if (early) return refuse(early);
  if (terms && !usableAt(terms, clock.now, lists.timezone)) return refuse("wrong_time");
  const [list, variant] = listed(token, lists);
  if (list) return refuse(list, { variant });
  const taken = used(token, quantity, world, code.step ?? null);
  if (taken.reason) return refuse(taken.reason, taken);
  const shown = await proof(code, clock);
  if (shown.reason) return refuse(shown.reason, shown);
  const warn = [
    shown.isAmber && "clock",
    age(lists, clock) > lists.rules.fresh_age && "lists",
    !terms && "terms",
    token.askForId && "id",
  ].filter(Boolean);
  return { reason: "ok", code, terms, left: taken.left, drift: shown.drift, warn, bar: offlineBar(code, quantity, world) };
}

// What the till shows. Texts come with the page, in the language it was opened in.

import { isStuck, isUnsent, UNDO } from "./till-ledger.js";

const { lang } = document.documentElement;
const FRESH = 150_000;
let root = null;
let wires = {};

const part = (name, from = root) => from.querySelector(`[data-part="${name}"]`);
const onPage = (name) => part(name, document);
const words = (reason) => document.getElementById("till-words").content.querySelector(`[data-reason="${reason}"]`)?.dataset;
const say = (key, values = {}) => fill(root.dataset[key] ?? "", values);
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? "");
const clone = (name) => document.getElementById(`till-${name}`).content.cloneNode(true).firstElementChild;

function set1(element, name, text) {
  const found = part(name, element);
  if (!found) return;
  found.textContent = text ?? "";
  found.hidden = !text;
}

function money(minor, currency) {
  const form = new Intl.NumberFormat(lang, { style: "currency", currency: currency || "CNY", currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" });
  return form.format(minor / 10 ** form.resolvedOptions().maximumFractionDigits);
}

function moment(ms, timeZone) {
  const day = (at) => new Date(at).toLocaleDateString("en-CA", { timeZone });
  const options = day(ms) === day(Date.now()) ? {} : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(lang, { ...options, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(ms);
}

function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const [value, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

function hours(terms) {
  if (!terms) return "";
  const name = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
  const days = [0, 1, 2, 3, 4, 5, 6].filter((day) => (terms.weekdays >> day) & 1).map((day) => name.format(Date.UTC(2024, 0, 1 + day)));
  const clock = (minute) => `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const time = terms.from_minute === null ? "" : `${clock(terms.from_minute)}–${clock(terms.to_minute)}`;
  return [days.length < 7 ? new Intl.ListFormat(lang, { type: "unit", style: "narrow" }).format(days) : "", time].filter(Boolean).join(" ");
}

// What is handed over for so many uses; the whole list where uses cannot split it.
function handover(element, terms, { uses }, quantity) {
  const list = part("handover", element);
  list.hidden = false;
  const lines = terms?.contents?.length ? terms.contents : [[terms?.title ?? say("noTerms"), uses]];
  const isEven = lines.every(([, count]) => (count * quantity) % uses === 0);
  for (const [text, count] of lines) {
    const line = list.appendChild(document.createElement("li"));
    line.append(Object.assign(document.createElement("b"), { className: "num", textContent: `${isEven ? (count * quantity) / uses : count} ×` }));
    line.append(Object.assign(document.createElement("span"), { textContent: text }));
  }
}

function stage(element) {
  const place = onPage("stage");
  place.replaceChildren(element);
  place.hidden = false;
  onPage("home").hidden = true;
  window.scrollTo(0, 0);
  document.dispatchEvent(new CustomEvent("o2o:settled"));
  (element.querySelector("[data-first]") ?? element).focus({ preventScroll: true });
}

// The camera may look again while an answer is on the screen; nobody is served twice by that.
export const isBusy = () => !onPage("stage").hidden;

/** Let the camera look on, unless an answer is shown. */
export function again() {
  document.getElementById("code").value = "";
  if (!isBusy()) document.querySelector(".scanner")?.dispatchEvent(new CustomEvent("o2o:again"));
}

export function home() {
  onPage("stage").replaceChildren();
  onPage("stage").hidden = true;
  onPage("home").hidden = false;
  again();
}

export const set = (element) => {
  root = element;
};

/** What an entry keeps of the pass on this phone alone. */
export function memo({ code, terms, drift }, quantity = 0) {
  const { token } = code;
  return {
    kind: code.kind, step: code.step ?? null, drift: drift ?? null, title: terms?.title ?? "", uses: token.uses,
    value: Math.ceil((token.value * quantity) / token.uses), until: token.expires * 60_000,
  };
}

function params(now, { code, terms, last, fate, drift, left, quantity }) {
  const token = code?.token;
  const zone = now.lists?.timezone;
  const shop = now.lists?.shops?.[token?.scopeId];
  const usedAt = fate?.won_at ?? (last ? last.at + last.offset : null);
  const other = now.lists?.conflicts?.[fate?.claim_id];
  return {
    shop: shop?.name ?? say("otherShop"), address: shop?.address ?? "",
    from: token ? moment(token.notBefore * 60_000, zone) : "", until: token ? moment(token.expires * 60_000, zone) : "",
    when: hours(terms), left: left ?? "", asked: quantity ?? 1, at: moment(now.clock.now, zone),
    used_at: usedAt ? moment(usedAt, zone) : say("earlier"),
    used_by: last ? (now.lists.roster.find(({ staff }) => staff === last.staff)?.name ?? say("colleague")) : (fate?.won_till ?? other?.won_till ?? say("otherTill")),
    age: drift ? span(drift * 30_000) : "",
  };
}

function answer(kind, word, title, sentence, advice, code) {
  const element = clone("answer");
  element.classList.add(`answer-${kind}`);
  element.dataset.kind = kind;
  for (const sign of element.querySelectorAll("[data-sign]")) sign.replaceWith(...(sign.dataset.sign === kind ? sign.children : []));
  set1(element, "word", word);
  set1(element, "title", title);
  set1(element, "sentence", sentence);
  set1(element, "advice", advice);
  set1(element, "code", code);
  return element;
}

function undoable(element, row, undo) {
  const box = part("undo", element);
  const form = box.querySelector("form");
  box.hidden = !row;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    undo(row, new FormData(form).get("reason")).catch(trouble);
  });
}

export function ask(now, found, yes) {
  const { code, terms, left, warn, bar } = found;
  const element = clone("ask");
  const { token } = code;
  set1(element, "title", terms?.title ?? say("noTerms"));
  set1(element, "price", token.value ? money(token.value, now.lists.currency) : say("free"));
  set1(element, "left", token.uses > 1 ? say("left", { left, uses: token.uses }) : "");
  set1(element, "notes", terms?.notes);
  handover(element, terms, token, 1);
  const hints = part("hints", element);
  for (const hint of [...warn, bar && `bar_${bar}`].filter(Boolean)) {
    const text = say(`hint${hint[0].toUpperCase()}${hint.slice(1)}`, { age: span(now.clock.latest - now.lists.at) });
    if (text) hints.appendChild(document.createElement("li")).textContent = text;
  }
  hints.hidden = !hints.children.length;
  const uses = part("uses", element);
  uses.hidden = left < 2;
  for (let number = 1; number <= Math.min(left, 20); number += 1) {
    const choice = clone("use");
    const radio = choice.querySelector("input");
    radio.value = number;
    radio.checked = number === 1;
    part("number", choice).textContent = number;
    uses.append(choice);
  }
  let isSent = false;
  element.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isSent) return;
    isSent = true;
    element.setAttribute("aria-busy", "true");
    const quantity = Number(new FormData(event.target).get("quantity") ?? 1);
    Promise.resolve(yes(quantity)).catch(trouble);
  });
  part("cancel", element).addEventListener("click", home);
  stage(element);
}

export function refuse(now, found, { undo, again }) {
  const spoken = words(found.variant ? `${found.reason}:${found.variant}` : found.reason) ?? words(found.reason) ?? words("format");
  const values = params(now, found);
  const element = answer(spoken.kind, spoken.word, fill(spoken.say, values), "", fill(spoken.do, values), found.reason);
  undoable(element, found.reason === "already_used_here" && now.clock.now - (found.last.at + found.last.offset) < UNDO ? found.last : null, undo);
  part("next", element).addEventListener("click", again);
  stage(element);
}

export function done(now, { code, terms, left }, row, fate, { undo, again }) {
  const spoken = words("ok");
  const element = answer("ok", spoken.word, terms?.title ?? say("noTerms"), fill(spoken.say, params(now, { code, terms })), fate ? say("confirmed") : say("kept"), "");
  handover(element, terms, code.token, row.quantity);
  const rest = fate?.uses_left ?? left - row.quantity;
  set1(element, "left", code.token.uses > 1 ? say("left", { left: rest, uses: code.token.uses }) : "");
  undoable(element, row, undo);
  part("next", element).addEventListener("click", again);
  stage(element);
}

export function undone(row, { again }) {
  const element = answer("wait", say("undone"), row.own.title, say("undoneSay"), "", "");
  part("next", element).addEventListener("click", again);
  part("undo", element).hidden = true;
  stage(element);
}

export function late(fate) {
  const element = answer("no", say("tooLate"), say("tooLateSay"), "", "", fate?.reason ?? "too_late");
  part("next", element).addEventListener("click", home);
  part("undo", element).hidden = true;
  stage(element);
}

export function locked({ till }) {
  const isRevoked = till?.state === "revoked";
  const element = answer("wait", say(isRevoked ? "revoked" : "locked"), say(isRevoked ? "revokedSay" : "lockedSay"), "", "", "");
  part("next", element).addEventListener("click", home);
  part("undo", element).hidden = true;
  part("signin", element).hidden = isRevoked;
  stage(element);
}

// Nothing was shown green, so nothing is handed over: a full phone, a database that does not open.
export function trouble(error) {
  console.warn(error);
  const element = answer("no", say("trouble"), say("troubleSay"), "", "", error?.name ?? "");
  part("next", element).addEventListener("click", home);
  part("undo", element).hidden = true;
  stage(element);
}

function line(now, row, undone) {
  const element = clone("line");
  const zone = now.lists?.timezone;
  const lost = row.fate?.verdict === "conflict" || row.claim_id in (now.lists?.conflicts ?? {});
  const isUndone = undone.has(row.claim_id);
  const spoken = lost ? { kind: "no", word: say("conflict") } : words(row.fate?.verdict === "rejected" ? row.fate.reason : row.reason) ?? words("format");
  const kind = isUndone ? "quiet" : spoken.kind;
  element.classList.add(`scan-${kind}`);
  set1(element, "time", moment(row.at + row.offset, zone));
  set1(element, "title", row.own.title || say("noTerms"));
  const count = row.quantity > 1 ? ` × ${row.quantity}` : "";
  set1(element, "word", `${isUndone ? say("undone") : spoken.word}${count}`);
  set1(element, "state", isStuck(row) ? say("stuck") : isUnsent(row) ? say("waiting") : "");
  part("word", element).classList.add(`badge-${kind}`);
  const button = part("undo", element);
  button.hidden = row.act !== "redeem" || lost || isUndone || now.clock.now - (row.at + row.offset) >= UNDO;
  button.addEventListener("click", () => {
    const sure = answer("wait", say("undoAsk"), row.own.title, "", "", "");
    undoable(sure, row, wires.undo);
    part("undo", sure).open = true;
    part("next", sure).addEventListener("click", home);
    stage(sure);
  });
  return element;
}

/** Show what the till is like right now: connection, what waits, how old its lists are, what it may still do alone. */
export function status(now, { isOffline, lastState }) {
  const { lists, clock, session, staff, till } = now;
  for (const each of root.querySelectorAll("[data-app]")) each.hidden = false;
  root.dataset.mode = isOffline ? "offline" : "online";
  set1(root, "mode", say(till.state === "revoked" ? "revoked" : lastState === "signed_out" ? "signedOut" : lastState === "refused" ? "refused" : isOffline ? "offline" : "online"));
  part("mode").className = `badge badge-${till.state === "revoked" ? "no" : isOffline || lastState !== "done" ? "wait" : "ok"}`;
  set1(root, "unsent", say(now.unsent ? "unsent" : "allSent", { num: now.unsent }));
  part("unsent").dataset.count = now.unsent;
  set1(root, "stuck", now.stuck ? say("stuckCount", { num: now.stuck }) : "");
  set1(root, "lists", !lists ? say("noLists") : clock.latest - lists.at < FRESH ? say("listsFresh") : say("lists", { age: span(clock.latest - lists.at) }));
  set1(root, "clock", say(clock.isSetBack ? "clockBack" : clock.isProven ? "clockOk" : "clockUnproven"));
  const left = lists?.rules && [Math.max(0, lists.rules.most_claims - now.claims), Math.max(0, lists.rules.most_total - now.value)];
  set1(root, "budget", left ? say("budget", { num: left[0], money: money(left[1], lists.currency) }) : "");
  set1(root, "staff", staff && session ? staff.name : say("nobody"));
  part("list").replaceChildren(...now.all.filter(({ act }) => act !== "annul").slice(-10).reverse().map((row) => line(now, row, now.undone)));
}

export function wire(given) {
  wires = given;
  part("send").addEventListener("click", () => wires.send());
  part("export").addEventListener("click", async () => {
    const { saveLedger } = await import("./till-desk.js");
    saveLedger();
  });
  part("switch").addEventListener("click", async () => {
    const { switchStaff } = await import("./till-desk.js");
    switchStaff(await wires.world(), root, wires.home);
  });
}

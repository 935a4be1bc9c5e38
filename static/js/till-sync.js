// Sending the ledger and hearing the news. Nothing unsent is ever deleted, and a failed upload never stops the download.

import { isStuck, isUnsent, wire } from "./till-ledger.js";
import * as store from "./till-store.js";
import { alone, get, mark, put, rows } from "./till-store.js";

const MOST = 200;
const PATIENCE = 8000;
const DAY = 86_400_000;
const EMPTY = { cursor: 0, at: 0, keys: {}, terms: {}, revoked: {}, superseded: {}, used: {}, codes: {}, annulled: {}, conflicts: {}, shops: {}, roster: [], rules: null };

async function ask(body, patience) {
  const answer = await fetch("/till/sync", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const said = isJson ? await answer.json() : {};
  if (answer.ok && said.now && said.delta) return said;
  // A hotel's or a proxy's page in between is no answer of ours; only that something is too large may be theirs to say.
  const isOurs = !answer.ok && (said.code || answer.status === 413);
  const wait = Number(answer.headers.get("Retry-After")) * 1000 || 0;
  throw Object.assign(new Error(said.title ?? "not ours"), { status: isOurs ? answer.status : 503, code: said.code, wait });
}

const dict = (lines, of) => Object.fromEntries(lines.map((line) => [line[0], of(line)]));

// Lay the news over what is known; returns new lists, the old ones stay as they are. Until the last page has come
// they are as old as they were, and for a till that is told nothing any more (revoked) they stay so.
export function applied(lists, { now, cursor, more, delta }) {
  const base = delta.first ? EMPTY : lists;
  const fresh = { ...base, ...(delta.rules && { rules: delta.rules }), at: more || !delta.rules ? base.at : now, cursor, timezone: delta.timezone ?? base.timezone };
  const revoked = { ...base.revoked, ...dict(delta.revoked ?? [], ([, why]) => why) };
  for (const pass of delta.live ?? []) delete revoked[pass];
  const codes = { ...base.codes, ...dict(delta.codes ?? [], ([, ...row]) => row) };
  for (const hash of delta.gone ?? []) delete codes[hash];
  const conflicts = { ...base.conflicts, ...Object.fromEntries((delta.conflicts ?? []).map((one) => [one.claim_id, one])) };
  for (const claim of delta.settled ?? []) delete conflicts[claim];
  return {
    ...fresh,
    revoked,
    codes,
    conflicts,
    currency: delta.currency ?? base.currency,
    keys: delta.keys ? Object.fromEntries(delta.keys.map((key) => [key.kid, key])) : base.keys,
    terms: { ...base.terms, ...Object.fromEntries((delta.terms ?? []).map((terms) => [terms.id, terms])) },
    superseded: { ...base.superseded, ...dict(delta.superseded ?? [], ([, gen]) => gen) },
    used: { ...base.used, ...dict(delta.used ?? [], ([, ...counts]) => counts) },
    annulled: { ...base.annulled, ...Object.fromEntries((delta.annulled ?? []).map((claim) => [claim, true])) },
    roster: delta.roster ?? base.roster,
    shops: { ...base.shops, ...delta.shops },
  };
}

async function learn(said, local) {
  const lists = applied((await store.lists()) ?? EMPTY, said);
  await store.learn(lists);
  // The server has told the time: what a clock that ran ahead had seen counts no more.
  await put("clock", { offset: said.now - local, at: said.now });
  await put("seen", said.now);
  if (said.session) {
    // Another login on this phone is another person: who had taken it by PIN has it no more.
    if ((await get("session"))?.staff !== said.session.staff) await store.remove("acting");
    await put("session", { ...said.session, at: said.now });
  }
  if (said.till) await put("till", { ...(await get("till")), ...said.till });
  return lists;
}

const WORDS = ["stored", "duplicate", "conflict", "rejected"];

// Write down what became of entries; returns those on which the server has said nothing, or to send them again.
async function settle(batch, verdicts) {
  const words = new Map(verdicts.filter(({ verdict }) => WORDS.includes(verdict)).map((fate) => [fate.claim_id, fate]));
  await mark(batch.filter((row) => words.has(row.claim_id)).map(({ seq, claim_id: id }) => ({ seq, fate: words.get(id) })));
  return batch.filter((row) => !words.has(row.claim_id));
}

// What a pass's whole life is over for, and the server has, need not stay; the last entry carries the chain on.
async function prune(all, now) {
  const old = all.slice(0, -1).filter(({ fate, own, at }) => fate && !isStuck({ fate }) && (own.until ?? at) < now - 30 * DAY);
  for (const { seq } of old.slice(0, 100)) await store.forget(seq);
}

const SIGNED_OUT = [401, 403, 404, 409];
const isOurs = ({ status }) => status >= 400 && status < 500 && ![408, 425].includes(status);

async function exchange(app, patience) {
  let most = MOST;
  let trouble = null;
  let suspect = null;
  const spared = new Set();
  let lists = await store.lists();
  for (let turn = 0; turn < 1000; turn += 1) {
    const all = await rows();
    const waiting = trouble || suspect ? [] : all.filter((row) => isUnsent(row) && !spared.has(row.seq));
    const batch = waiting.slice(0, most);
    const till = await get("till");
    const cursor = lists?.cursor ?? 0;
    const local = Date.now();
    const body = { till: till.id, shop: till.shop, cursor, head: all.at(-1)?.seq ?? 0, entries: batch.map(wire), now: local, app };
    let said;
    try {
      said = await ask(body, patience);
    } catch (error) {
      if (!error.status) return { lists, state: "offline", error };
      if (SIGNED_OUT.includes(error.status)) return { lists, state: error.status === 401 ? "signed_out" : "refused", error };
      if (!batch.length || error.status === 429) return { lists, state: "later", error };
      // The upload failed: the news may come all the same.
      if (!isOurs(error)) trouble = error;
      // Something in there cannot be taken: halve until it stands alone.
      else if (batch.length > 1) most = Math.ceil(batch.length / 2);
      else suspect = { seq: batch[0].seq, fate: { verdict: "quarantined", reason: error.code ?? String(error.status) } };
      continue;
    }
    // The door is open and only this one does not go through: it is set aside, where staff see it.
    const isProbe = Boolean(suspect);
    if (isProbe) {
      await mark([suspect]);
      most = MOST;
      suspect = null;
    }
    for (const { seq } of await settle(batch, said.verdicts ?? [])) spared.add(seq);
    lists = await learn(said, Math.round((local + Date.now()) / 2));
    const isMore = said.more && said.cursor !== cursor;
    if (!isMore && !isProbe && batch.length === waiting.length) {
      await prune(all, said.now);
      return { lists, state: trouble || spared.size ? "later" : "done", error: trouble, verdicts: said.verdicts };
    }
  }
  return { lists, state: "later" };
}

// Send what waits and hear the news, until both are done. Returns {lists, state}: "done", or why it stopped: offline,
// signed_out, refused (with the server's word), later. `patience` (ms) is for each answer, and for another tab's turn.
export async function sync({ app, patience = PATIENCE } = {}) {
  try {
    return await alone("sync", () => exchange(app, patience), patience);
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    return { lists: await store.lists(), state: "later", error };
  }
}

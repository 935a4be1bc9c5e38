// Sending the ledger and hearing the news. Nothing unsent is ever deleted, and a failed upload never stops the download.

import { isStuck, isUnsent, wire } from "./till-ledger.js";
import { alone, forget, get, mark, put, remove, rows } from "./till-store.js";

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
  // A hotel's or a proxy's page in between is no answer of ours.
  if (!isJson) throw Object.assign(new Error("not ours"), { status: answer.ok || answer.redirected ? 503 : answer.status });
  const said = await answer.json();
  if (answer.ok) return said;
  const wait = Number(answer.headers.get("Retry-After")) * 1000 || 0;
  throw Object.assign(new Error(said.title), { status: answer.status, code: said.code, wait });
}

const dict = (lines, of) => Object.fromEntries(lines.map((line) => [line[0], of(line)]));

/** Lay the news over what is known; returns new lists, the old ones stay as they are. */
export function applied(lists, { now, cursor, delta }) {
  const base = delta.first ? EMPTY : lists;
  const fresh = { ...base, ...(delta.rules && { rules: delta.rules }), at: now, cursor, timezone: delta.timezone ?? base.timezone };
  const revoked = { ...base.revoked, ...dict(delta.revoked ?? [], ([, why]) => why) };
  for (const pass of delta.live ?? []) delete revoked[pass];
  const codes = { ...base.codes, ...dict(delta.codes ?? [], ([, ...row]) => row) };
  for (const hash of delta.gone ?? []) delete codes[hash];
  return {
    ...fresh,
    revoked,
    codes,
    currency: delta.currency ?? base.currency,
    keys: delta.keys ? Object.fromEntries(delta.keys.map((key) => [key.kid, key])) : base.keys,
    terms: { ...base.terms, ...Object.fromEntries((delta.terms ?? []).map((terms) => [terms.id, terms])) },
    superseded: { ...base.superseded, ...dict(delta.superseded ?? [], ([, gen]) => gen) },
    used: { ...base.used, ...dict(delta.used ?? [], ([, ...counts]) => counts) },
    annulled: { ...base.annulled, ...Object.fromEntries((delta.annulled ?? []).map((claim) => [claim, true])) },
    conflicts: { ...base.conflicts, ...Object.fromEntries((delta.conflicts ?? []).map((one) => [one.claim_id, one])) },
    roster: delta.roster ?? base.roster,
    shops: { ...base.shops, ...delta.shops },
  };
}

async function learn(said, local) {
  const lists = applied((await get("lists")) ?? EMPTY, said);
  await put("lists", lists);
  const clock = (await get("clock")) ?? {};
  await put("clock", { offset: said.now - local, at: said.now, seen: Math.max(clock.seen ?? 0, said.now) });
  if (said.session) {
    // Another login on this phone is another person: who had taken it by PIN has it no more.
    if ((await get("session"))?.staff !== said.session.staff) await remove("acting");
    await put("session", { ...said.session, at: said.now });
  }
  if (said.till) await put("till", { ...(await get("till")), ...said.till });
  return lists;
}

const isWord = ({ verdict }) => verdict !== "retry";

async function settle(batch, verdicts) {
  const seqs = new Map(batch.map(({ claim_id: id, seq }) => [id, seq]));
  await mark(verdicts.filter((fate) => seqs.has(fate.claim_id) && isWord(fate)).map((fate) => ({ seq: seqs.get(fate.claim_id), fate })));
}

// What a pass's whole life is over for, and the server has, need not stay; the last entry carries the chain on.
async function prune(all, now) {
  const old = all.slice(0, -1).filter(({ fate, own }) => fate && !isStuck({ fate }) && (own.until ?? 0) < now - 30 * DAY);
  for (const { seq } of old.slice(0, 100)) await forget(seq);
}

const SIGNED_OUT = [401, 403, 404, 409];
const isOurs = ({ status }) => status >= 400 && status < 500 && ![...SIGNED_OUT, 408, 425, 429].includes(status);

/**
 * Send what waits and hear the news, until both are done. Returns {lists, state}: "done", or why it stopped: offline,
 * signed_out, refused (with the server's word), later.
 */
export function sync({ app, patience = PATIENCE } = {}) {
  return alone("sync", async () => {
    let most = MOST;
    let uploads = true;
    let trouble = null;
    let lists = await get("lists");
    for (let turn = 0; turn < 1000; turn += 1) {
      const all = await rows();
      const batch = uploads ? all.filter(isUnsent).slice(0, most) : [];
      const till = await get("till");
      const local = Date.now();
      const body = { till: till.id, shop: till.shop, cursor: lists?.cursor ?? 0, head: all.at(-1)?.seq ?? 0, entries: batch.map(wire), now: local, app };
      let said;
      try {
        said = await ask(body, patience);
      } catch (error) {
        if (!error.status) return { lists, state: "offline", error };
        if (SIGNED_OUT.includes(error.status)) return { lists, state: error.status === 401 ? "signed_out" : "refused", error };
        if (batch.length && isOurs(error)) {
          // Something in there cannot be taken: halve until it stands alone, then set it aside where staff see it.
          if (batch.length > 1) most = Math.ceil(batch.length / 2);
          else await mark([{ seq: batch[0].seq, fate: { verdict: "quarantined", reason: error.code ?? String(error.status) } }]);
          if (batch.length === 1) most = MOST;
          continue;
        }
        if (!batch.length) return { lists, state: "later", error: trouble ?? error };
        // The upload failed: the news may come all the same.
        trouble = error;
        uploads = false;
        continue;
      }
      await settle(batch, said.verdicts ?? []);
      lists = await learn(said, Math.round((local + Date.now()) / 2));
      const isStill = (said.verdicts ?? []).some((fate) => !isWord(fate));
      if (isStill) uploads = false;
      if (!said.more && (!uploads || batch.length < most)) {
        await prune(all, said.now);
        return { lists, state: trouble || isStill ? "later" : "done", error: trouble, verdicts: said.verdicts };
      }
    }
    return { lists, state: "later" };
  });
}

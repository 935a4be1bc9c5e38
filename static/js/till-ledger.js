// The till's ledger: every outcome, signed and chained, written before anything green is shown.

import { add, alone, get, last, rows } from "./till-store.js";

export const FIELDS = (
  "claim_id seq prev till shop staff act pass gen quantity text verdict reason at offset drift list list_age mode of note app"
).split(" ");
const utf8 = new TextEncoder();
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const ECDSA = { name: "ECDSA", hash: "SHA-256" };

export const UNDO = 15 * 60_000;
const TRIES = 9;
const LONGEST = 500;

// What goes over the wire: the signed part and nothing of this phone's own notes.
export const wire = (row) => Object.fromEntries([...FIELDS, "hash", "signature"].map((name) => [name, row[name]]));

async function write(draft, own, tries) {
  const [till, before] = await Promise.all([get("till"), last()]);
  const entry = {
    pass: "", gen: 0, quantity: 0, text: "", reason: "", drift: null, of: "", note: "",
    ...draft,
    claim_id: crypto.randomUUID(),
    seq: (before?.seq ?? 0) + 1,
    prev: before?.hash ?? "",
    till: till.id,
    shop: till.shop,
  };
  entry.note = [...entry.note.normalize("NFC")].slice(0, LONGEST).join("");
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(JSON.stringify(FIELDS.map((name) => entry[name]))));
  const message = new Uint8Array([...utf8.encode("o2o.entry.v1\0"), ...new Uint8Array(digest)]);
  const signature = hex(await crypto.subtle.sign(ECDSA, till.pair.privateKey, message));
  const row = { ...entry, hash: hex(digest), signature, own, fate: null };
  try {
    await add(row);
  } catch (error) {
    // Where the browser knows no locks another tab may have been faster: nothing was overwritten, so once more.
    if (error?.name === "ConstraintError" && tries) return write(draft, own, tries - 1);
    throw error;
  }
  return row;
}

// Write an entry down; nothing green is shown before this is done.
export const append = (draft, own = {}) => alone("ledger", () => write(draft, own, TRIES));

// fate: null = not sent; else what the server said. What it refused or gave to another took no use here; what it
// cannot read was handed over all the same, and waits.
export const isUnsent = ({ fate }) => !fate;
export const isStuck = ({ fate }) => fate?.verdict === "quarantined";
const counts = ({ act, verdict, fate }) =>
  act === "redeem" && verdict === "ok" && !["conflict", "rejected"].includes(fate?.verdict);

// Sum the ledger up: uses by pass, what was undone (here, or as the server tells in `annulled`), and what waits
// offline (a code without proof counts double).
export async function tally(annulled = {}) {
  const all = await rows();
  const own = all.filter(({ act, fate }) => act === "annul" && fate?.verdict !== "rejected");
  const undone = new Set([...Object.keys(annulled), ...own.map(({ of }) => of)]);
  const passes = new Map();
  let claims = 0;
  let value = 0;
  for (const row of all) {
    if (!counts(row) || undone.has(row.claim_id)) continue;
    const known = passes.get(row.pass) ?? { used: 0, unsent: 0, last: null, steps: new Map() };
    known.used += row.quantity;
    known.last = row;
    known.steps.set(row.own.step, row);
    if (isUnsent(row) || isStuck(row)) {
      known.unsent += row.quantity;
      const weight = row.own.kind === "live" ? 1 : 2;
      claims += weight;
      value += weight * row.own.value;
    }
    passes.set(row.pass, known);
  }
  return { all, undone, passes, claims, value, unsent: all.filter(isUnsent).length, stuck: all.filter(isStuck).length };
}

// Reads pass codes as the server does (o2o/passes/token.py, proof.py).
import { HALF, ORDER, bytesOf, hex, join, number, padded, proofMessage, sha256, utf8 } from "./live-code.js";

export { liveText, proofMessage, stepOf } from "./live-code.js";

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const KINDS = { 0xa1: ["bearer", 97], 0xa2: ["bound", 129], 0xa3: ["live", 197] };

function demand(holds) {
  if (!holds) throw Object.assign(new Error("format"), { reason: "format" });
}

function tokenOf(body) {
  const view = new DataView(body.buffer);
  const flags = body[1];
  const token = {
    kid: body[0],
    flags,
    passId: hex(body.slice(2, 10)),
    termsId: view.getUint32(10),
    scopeId: view.getUint32(14),
    notBefore: view.getUint32(18),
    expires: view.getUint32(22),
    uses: body[26],
    gen: body[27],
    value: view.getUint32(28),
    device: hex(body.slice(32)) || null,
    parity: flags & 1,
    onlineOnly: Boolean(flags & 4),
    askForId: Boolean(flags & 8),
    kindOfPass: (flags >> 4) & 7,
  };
  demand(flags < 0x80 && (token.device ? flags & 2 : !(flags & 3)) && token.uses);
  demand(token.notBefore < token.expires);
  return token;
}

/** Take digits apart, or throw an Error with reason "format"; checks no signature. */
export function parse(text) {
  demand(typeof text === "string" && /^[1-9][0-9]{0,474}$/.test(text));
  const digits = BigInt(text).toString(16);
  const bytes = bytesOf(digits);
  const [kind, size] = KINDS[bytes[0]] ?? [];
  demand(digits.length === 2 * size);
  const tokenBytes = bytes.slice(1, 129);
  const body = tokenBytes.slice(0, -64);
  const isLive = kind === "live";
  return {
    kind,
    token: tokenOf(body),
    body,
    signature: tokenBytes.slice(-64),
    tokenBytes,
    step: isLive ? new DataView(bytes.buffer).getUint32(129) : null,
    proof: isLive ? bytes.slice(-64) : null,
  };
}

/** Find y by x (both hex) and parity (SEC 1, 2.3.4), or null. */
export function decompress(x, parity) {
  const at = BigInt(`0x${x}`);
  const square = (at ** 3n - 3n * at + B) % P;
  let root = 1n;
  let power = square;
  for (let bits = (P + 1n) / 4n; bits; bits >>= 1n) {
    if (bits & 1n) root = (root * power) % P;
    power = (power * power) % P;
  }
  if (at >= P || (root * root) % P !== square) return null;
  return padded(Number(root & 1n) === parity ? root : P - root, 64);
}

async function holds({ x, y }, message, signature) {
  const r = number(signature.slice(0, 32));
  const s = number(signature.slice(32));
  if (!r || r >= ORDER || !s || s > HALF) return false;
  try {
    const key = await crypto.subtle.importKey("raw", bytesOf(`04${x}${y}`), ECDSA, false, ["verify"]);
    return await crypto.subtle.verify(ECDSA, key, signature, message);
  } catch {
    return false; // no point on the curve
  }
}

/** Tell whether the issuer's key {x, y} (hex) signed the token. */
export const issuerHolds = (code, key) =>
  holds(key, join(utf8.encode("o2o.voucher.v1\0"), code.body), code.signature);

/** Tell whether the phone that the token names signed its step. */
export async function proofHolds({ token, tokenBytes, step, proof }) {
  const y = proof && decompress(token.device, token.parity);
  return Boolean(y) && holds({ x: token.device, y }, await proofMessage(tokenBytes, step), proof);
}

/** Judge the proof's step less one's own; proven: both clocks confirmed within 24 h. */
export function freshness(drift, proven) {
  if (!Number.isInteger(drift)) return "clock";
  if (drift >= -3 && drift <= 1) return "ok";
  if (proven) return "stale_code";
  return Math.abs(drift) <= 20 ? "amber" : "clock";
}

/** Judge digits by keys {kid: {x, y}}: "copy" has no proof, "proof" a wrong one. */
export async function codeVerdict(text, keys) {
  let code;
  try {
    code = parse(text);
  } catch {
    return "format";
  }
  const key = keys[code.token.kid];
  if (!key) return "unknown_key";
  if (!(await issuerHolds(code, key))) return "signature";
  if (code.kind === "bound") return "copy";
  return code.kind === "bearer" || (await proofHolds(code)) ? "ok" : "proof";
}

/** Give the stored form of a typed short code, or null. */
export function normalCode(text) {
  if ([...text].length > 64) return null;
  const kept = text.normalize("NFKC").replace(/[^\S\ufeff]|[\x1c-\x1f\x85\u2212\p{Pd}]/gu, "");
  if (!/^[0-9A-TV-Za-tv-z]{12}$/.test(kept)) return null;
  return kept.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** Give what tills keep of a short code. */
export const codeHash = async (code) =>
  hex(await sha256(utf8.encode(`o2o.short.v1\0${code}`))).slice(0, 32);

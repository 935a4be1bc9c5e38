// Writes what the holder's phone shows: its step, what it signs, the digits (o2o/passes/proof.py).

export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const HALF = ORDER / 2n;

export const utf8 = new TextEncoder();
export const padded = (value, width) => value.toString(16).padStart(width, "0");
export const hex = (bytes) => Array.from(bytes, (byte) => padded(byte, 2)).join("");
export const number = (bytes) => BigInt(`0x${hex(bytes)}`);
export const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const u32 = (value) => bytesOf(padded(value, 8));

/** Give what the holder's phone signs. */
export const proofMessage = async (tokenBytes, step) =>
  join(utf8.encode("o2o.proof.v1\0"), await sha256(tokenBytes), u32(step));

/** Write a live code, with a low s: half of what browsers sign has a high one. */
export function liveText(tokenBytes, step, signature) {
  const bytes = new Uint8Array(signature);
  const s = number(bytes.slice(32));
  const low = bytesOf(padded(s > HALF ? ORDER - s : s, 64));
  return String(number(join([0xa3], tokenBytes, u32(step), bytes.slice(0, 32), low)));
}

export const stepOf = (ms) => Math.floor(ms / 30_000);

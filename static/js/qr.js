// QR codes of decimal digits (ISO/IEC 18004, versions 1 to 20), module for module as segno draws them on the server.

const QUIET_ZONE = 4;
const FINDER = "1011101";
// By version, in base 36: check codewords of a block, and blocks; `bits` names the level in the format.
const LEVELS = {
  L: { bits: 1, checks: "7afkqikouikoqumosuss", blocks: "11111222244444666678" },
  M: { bits: 0, checks: "agqiogimmqummoossqqq", blocks: "11122444555899aabdeg" },
  Q: { bits: 3, checks: "dmiqioimkosqokuossqu", blocks: "11224466888acgchgilk" },
  H: { bits: 2, checks: "hsmgmsqqososmooussqs", blocks: "1124445688bbggigjlpp" },
};
const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => ((y >> 1) + Math.floor(x / 3)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];
// The field of 256: powers run round twice, so that a sum of two logs needs no modulo.
const powers = [];
const logs = [];
for (let log = 0, value = 1; log < 255; log += 1) {
  powers[log] = powers[log + 255] = value;
  logs[value] = log;
  value <<= 1;
  if (value > 255) value ^= 0x11d;
}
let drawn = null;

// The logs of the polynomial (x - 1)(x - 2)(x - 4)… without its leading term.
function generator(degree) {
  const terms = new Uint8Array(degree + 1);
  terms[0] = 1;
  for (let root = 0; root < degree; root += 1) {
    for (let at = root + 1; at > 0; at -= 1) {
      if (terms[at - 1]) terms[at] ^= powers[logs[terms[at - 1]] + root];
    }
  }
  return terms.subarray(1).map((term) => logs[term]);
}

function checksOf(block, terms) {
  const rest = new Uint8Array(block.length + terms.length);
  rest.set(block);
  block.forEach((_, at) => {
    const log = logs[rest[at]];
    if (rest[at]) terms.forEach((term, each) => (rest[at + each + 1] ^= powers[log + term]));
  });
  return rest.subarray(block.length);
}

// The smallest version for so many bits: `total` codewords, `size` of them data.
function smallest(bits, { checks, blocks }) {
  for (let version = 1; version <= checks.length; version += 1) {
    const across = Math.floor(version / 7) + 2;
    let modules = (16 * version + 128) * version + 64;
    if (version > 1) modules -= (25 * across - 10) * across - 55;
    if (version > 6) modules -= 36;
    const degree = parseInt(checks[version - 1], 36);
    const count = parseInt(blocks[version - 1], 36);
    const total = modules >> 3;
    const size = total - degree * count;
    const counter = version < 10 ? 10 : 12;
    if (4 + counter + bits <= size * 8) return { version, degree, count, total, size, counter };
  }
  throw new RangeError("too many digits");
}

const binary = (value, bits) => Number(value).toString(2).padStart(bits, "0");

// As segno pads: zeros after the end mark to the next byte, a whole byte of them where the mark ends one.
function padded(bits, size) {
  const data = new Uint8Array(size);
  const end = Math.min(bits.length + 4, size * 8) >> 3;
  data.forEach((_, at) => {
    data[at] = at > end ? [0x11, 0xec][(at - end) % 2] : parseInt(bits.slice(at * 8, at * 8 + 8).padEnd(8, "0"), 2);
  });
  return data;
}

// The blocks' data and then their checks, dealt out in turn; the last blocks may hold one codeword more.
function message(data, { degree, count, total }) {
  const terms = generator(degree);
  const words = [];
  const checks = [];
  for (let block = 0, from = 0; block < count; block += 1) {
    const end = from + Math.floor((total + block) / count) - degree;
    const part = data.subarray(from, end);
    part.forEach((word, at) => (words[at] ??= []).push(word));
    checksOf(part, terms).forEach((word, at) => (checks[at] ??= []).push(word));
    from = end;
  }
  return [...words, ...checks].flat();
}

// What a version's codes share: `grid` of patterns, format and version still light, and `places` of the data in turn.
function template(version) {
  const size = version * 4 + 17;
  const grid = new Uint8Array(size * size).fill(2);
  const rings = (x, y, reach, light) => {
    for (let down = Math.max(-reach, -y); down <= reach && y + down < size; down += 1) {
      for (let right = Math.max(-reach, -x); right <= reach && x + right < size; right += 1) {
        grid[(y + down) * size + x + right] = light.includes(Math.max(Math.abs(right), Math.abs(down))) ? 0 : 1;
      }
    }
  };
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) rings(x, y, 4, [2, 4]);
  const across = Math.floor(version / 7) + 1;
  const step = 2 * Math.ceil((2 * version + 2) / across);
  const centres = [6];
  for (let at = size - 7; version > 1 && centres.length <= across; at -= step) centres.push(at);
  for (const x of centres) {
    for (const y of centres) if (grid[y * size + x] === 2) rings(x, y, 2, [1]);
  }
  mark(grid, size, 0, 0);
  grid[(size - 8) * size + 8] = 0;
  for (let at = 8; at < size - 8; at += 1) grid[at * size + 6] = grid[6 * size + at] = 1 - (at % 2);
  const places = [];
  for (let right = size - 1, upward = true; right > 0; right -= 2, upward = !upward) {
    if (right === 6) right = 5;
    for (let row = 0; row < size; row += 1) {
      const place = (upward ? size - 1 - row : row) * size + right;
      if (grid[place] === 2) places.push(place);
      if (grid[place - 1] === 2) places.push(place - 1);
    }
  }
  return { version, size, grid, places };
}

// `value`, followed by the rest of its division by a polynomial.
function withRest(value, degree, by) {
  let rest = value << degree;
  for (let bit = 31; bit >= degree; bit -= 1) if ((rest >> bit) & 1) rest ^= by << (bit - degree);
  return (value << degree) | rest;
}

// Writes the format and its dark module, and from version 7 on the version.
function mark(grid, size, format, version) {
  const put = (x, y, bits, at) => (grid[y * size + x] = (bits >> at) & 1);
  for (let at = 0; at < 8; at += 1) {
    const near = at < 6 ? at : at + 1;
    put(8, near, format, at);
    put(near, 8, format, 14 - at);
    put(size - 1 - at, 8, format, at);
    put(8, size - 1 - at, format, 14 - at);
  }
  put(8, size - 8, 1, 0);
  for (let at = 0; at < 18 && size > 41; at += 1) {
    const along = Math.floor(at / 3);
    const off = size - 11 + (at % 3);
    put(along, off, version, at);
    put(off, along, version, at);
  }
}

// The standard's penalties: runs of five and more, what looks like a finder, squares of four, too dark or too light.
function penalty(grid, size) {
  const lines = Array(2 * size).fill("");
  let score = 0;
  let dark = 0;
  grid.forEach((module, at) => {
    const x = at % size;
    const y = (at - x) / size;
    lines[y] += module;
    lines[size + x] += module;
    dark += module;
    if (x && y && (module + grid[at - 1] + grid[at - size] + grid[at - size - 1]) % 4 === 0) score += 3;
  });
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) score += run.length - 2;
    const wide = `0000${line}0000`;
    for (let at = wide.indexOf(FINDER); at > 0; ) {
      const isFalse = [at - 4, at + 7].some((side) => wide.startsWith("0000", side));
      if (isFalse) score += 40;
      at = wide.indexOf(FINDER, at + (isFalse ? 7 : 4));
    }
  }
  return score + 10 * Math.floor(Math.abs((dark / grid.length) * 100 - 50) / 5);
}

// { size, rows }, a byte a module, 1 is dark. Throws RangeError for too many digits, anything else, or another level.
export function matrix(digits, level = "M") {
  if (!/^[0-9]+$/.test(digits) || !Object.hasOwn(LEVELS, level)) throw new RangeError("not digits, or no such level");
  const bits = digits.replace(/.{1,3}/g, (group) => binary(group, group.length * 3 + 1));
  const hold = smallest(bits.length, LEVELS[level]);
  if (drawn?.version !== hold.version) drawn = template(hold.version);
  const { size, grid, places } = drawn;
  const words = message(padded(`0001${binary(digits.length, hold.counter)}${bits}`, hold.size), hold);
  let best = null;
  let least = Infinity;
  let chosen = 0;
  MASKS.forEach((mask, number) => {
    const tried = grid.slice();
    places.forEach((place, at) => {
      const bit = (words[at >> 3] >> (7 - (at % 8))) & 1;
      tried[place] = mask(place % size, Math.floor(place / size)) ? bit : 1 - bit;
    });
    const score = penalty(tried, size);
    if (score < least) [best, least, chosen] = [tried, score, number];
  });
  const format = withRest((LEVELS[level].bits << 3) | chosen, 10, 0x537) ^ 0x5412;
  mark(best, size, format, withRest(hold.version, 12, 0x1f25));
  return { size, rows: Array.from({ length: size }, (_, y) => best.subarray(y * size, (y + 1) * size)) };
}

// { side, d }: the side with its quiet zone, and the dark modules as a path, neighbours in a row drawn as one.
export function path(digits, level = "M") {
  const { size, rows } = matrix(digits, level);
  let d = "";
  rows.forEach((row, y) => {
    for (const { 0: run, index } of row.join("").matchAll(/1+/g)) {
      d += `M${index + QUIET_ZONE} ${y + QUIET_ZONE}h${run.length}v1H${index + QUIET_ZONE}z`;
    }
  });
  return { side: size + 2 * QUIET_ZONE, d };
}

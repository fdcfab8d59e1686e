// Instants as microseconds since the epoch (exact in a double), written as Python's datetime.isoformat() writes them.

const daySeconds = 86_400;
const scratch = Buffer.alloc(40);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

// Building a date is the slow part, and records come back to the same days: the last day of each place is kept, as the
// words that are stored. A cache of a pure value stays pure.
const places = 1024;
const days = new Float64Array(places).fill(Number.NaN);
const years = new Uint32Array(places);
const months = new Uint32Array(places);
const tails = new Uint32Array(places);

/** `2025-03-01T10:20:30.123456` without an offset; a whole second has no fraction, as in Python. */
export function isoNaive(us: number): string {
  return scratch.toString("latin1", 0, isoInto(us, false, scratchView, 0));
}

export function isoUtc(us: number): string {
  return scratch.toString("latin1", 0, isoInto(us, true, scratchView, 0));
}

/** The same instant as a caller in another zone writes it. */
export function isoOffset(us: number, offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? "-" : "+";
  const distance = Math.abs(offsetMinutes);
  const hours = String(Math.floor(distance / 60)).padStart(2, "0");
  return `${isoNaive(us + offsetMinutes * 60e6)}${sign}${hours}:${String(distance % 60).padStart(2, "0")}`;
}

/** Writes the time as ASCII, with `+00:00` for UTC; returns the position after it. Four bytes a store: this runs often. */
export function isoInto(us: number, utc: boolean, view: DataView, position: number): number {
  const seconds = Math.floor(us / 1e6);
  const day = Math.floor(seconds / daySeconds);
  const place = day & (places - 1);
  if (days[place] !== day) cacheDay(day, place);
  // From here all fits 32 bits, which is several times faster than arithmetic on doubles.
  const second = (seconds - day * daySeconds) | 0;
  const minute = (second / 60) | 0;
  const hour = (minute / 60) | 0;
  const hours = pairs[hour] as number;
  view.setUint32(position, years[place] as number);
  view.setUint32(position + 4, months[place] as number);
  view.setUint32(position + 8, (tails[place] as number) | (hours >>> 8));
  view.setUint32(position + 12, (hours << 24) | (colon << 16) | (pairs[minute - hour * 60] as number));
  view.setUint32(position + 16, (colon << 24) | ((pairs[second - minute * 60] as number) << 8) | dot);
  const fraction = (us - seconds * 1e6) | 0;
  let end = position + 19;
  if (fraction !== 0) {
    const high = (fraction / 10_000) | 0;
    const middle = (fraction / 100) | 0;
    view.setUint32(position + 20, ((pairs[high] as number) << 16) | (pairs[middle - high * 100] as number));
    view.setUint16(position + 24, pairs[fraction - middle * 100] as number);
    end = position + 26;
  }
  if (!utc) return end;
  view.setUint32(end, zoneHead);
  view.setUint16(end + 4, zoneTail);
  return end + 6;
}

function cacheDay(day: number, place: number): void {
  const date = Buffer.from(new Date(day * daySeconds * 1000).toISOString(), "latin1");
  years[place] = date.readUInt32BE(0);
  months[place] = date.readUInt32BE(4);
  tails[place] = date.readUIntBE(8, 3) << 8;
  days[place] = day;
}

/** Two digits as two characters. */
const pairs = new Uint16Array(100).map((_, n) => ((48 + Math.floor(n / 10)) << 8) | (48 + (n % 10)));
const colon = 58;
const dot = 46;
// "+00:" and "00"
const zoneHead = 0x2b30303a;
const zoneTail = 0x3030;

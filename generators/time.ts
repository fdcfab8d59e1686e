// Instants as microseconds since the epoch (exact in a double), written as Python's datetime.isoformat() writes them.

const daySeconds = 86_400;
const zone = Buffer.from("+00:00");
const colon = 58;
const dot = 46;
const scratch = Buffer.alloc(32);

// Neighbouring records share their day, and building the date is the slow part. A cache of a pure value stays pure.
const cachedDate = Buffer.alloc(11);
let cachedDay = Number.NaN;

/** `2025-03-01T10:20:30.123456` without an offset; a whole second has no fraction, as in Python. */
export function isoNaive(us: number): string {
  return scratch.toString("latin1", 0, isoInto(us, false, scratch, 0));
}

export function isoUtc(us: number): string {
  return scratch.toString("latin1", 0, isoInto(us, true, scratch, 0));
}

/** The same instant as a caller in another zone writes it. */
export function isoOffset(us: number, offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? "-" : "+";
  const distance = Math.abs(offsetMinutes);
  const hours = String(Math.floor(distance / 60)).padStart(2, "0");
  return `${isoNaive(us + offsetMinutes * 60e6)}${sign}${hours}:${String(distance % 60).padStart(2, "0")}`;
}

/** As ASCII bytes, with `+00:00` for UTC; gives the position after them. */
export function isoInto(us: number, utc: boolean, bytes: Uint8Array, position: number): number {
  const seconds = Math.floor(us / 1e6);
  const day = Math.floor(seconds / daySeconds);
  if (day !== cachedDay) {
    cachedDate.write(new Date(day * daySeconds * 1000).toISOString(), "latin1");
    cachedDay = day;
  }
  for (let i = 0; i < 11; i++) bytes[position + i] = cachedDate[i] as number;
  // From here all fits 32 bits, which is several times faster than arithmetic on doubles.
  const second = (seconds - day * daySeconds) | 0;
  const minute = (second / 60) | 0;
  const hour = (minute / 60) | 0;
  pair(bytes, position + 11, hour);
  bytes[position + 13] = colon;
  pair(bytes, position + 14, minute - hour * 60);
  bytes[position + 16] = colon;
  pair(bytes, position + 17, second - minute * 60);
  let end = position + 19;
  const fraction = (us - seconds * 1e6) | 0;
  if (fraction !== 0) {
    const high = (fraction / 10_000) | 0;
    const middle = (fraction / 100) | 0;
    bytes[end] = dot;
    pair(bytes, end + 1, high);
    pair(bytes, end + 3, middle - high * 100);
    pair(bytes, end + 5, fraction - middle * 100);
    end += 7;
  }
  if (!utc) return end;
  for (let i = 0; i < 6; i++) bytes[end + i] = zone[i] as number;
  return end + 6;
}

const tens = new Uint8Array(100).map((_, n) => 48 + Math.floor(n / 10));
const ones = new Uint8Array(100).map((_, n) => 48 + (n % 10));

function pair(bytes: Uint8Array, position: number, n: number): void {
  bytes[position] = tens[n] as number;
  bytes[position + 1] = ones[n] as number;
}

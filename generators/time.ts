// Instants as microseconds since the epoch (exact in a double), written as Python's datetime.isoformat() writes them.

const dayUs = 86_400e6;
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
  const day = Math.floor(us / dayUs);
  if (day !== cachedDay) {
    cachedDate.write(new Date(day * 86_400e3).toISOString(), "latin1");
    cachedDay = day;
  }
  for (let i = 0; i < 11; i++) bytes[position + i] = cachedDate[i] as number;
  const within = us - day * dayUs;
  const second = Math.floor(within / 1e6);
  const minute = Math.floor(second / 60);
  const hour = Math.floor(minute / 60);
  pair(bytes, position + 11, hour);
  bytes[position + 13] = colon;
  pair(bytes, position + 14, minute - hour * 60);
  bytes[position + 16] = colon;
  pair(bytes, position + 17, second - minute * 60);
  let end = position + 19;
  const fraction = within - second * 1e6;
  if (fraction !== 0) {
    const high = Math.floor(fraction / 10_000);
    const middle = Math.floor(fraction / 100);
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

function pair(bytes: Uint8Array, position: number, n: number): void {
  const tens = Math.floor(n / 10);
  bytes[position] = 48 + tens;
  bytes[position + 1] = 48 + n - tens * 10;
}

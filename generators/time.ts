// Instants as microseconds since the epoch (exact in a double), written as Python's datetime.isoformat() writes them.

const dayUs = 86_400e6;
const twoDigits = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"));

let cachedDay = Number.NaN;
let cachedDate = "";

/** `2025-03-01T10:20:30.123456` without an offset; a whole second has no fraction, as in Python. */
export function isoNaive(us: number): string {
  const day = Math.floor(us / dayUs);
  // Neighbouring records share their day, and building the date is the slow part. A cache of a pure value stays pure.
  if (day !== cachedDay) {
    cachedDate = new Date(day * 86_400e3).toISOString().slice(0, 11);
    cachedDay = day;
  }
  const within = us - day * dayUs;
  const second = Math.floor(within / 1e6);
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  const fraction = within - second * 1e6;
  if (fraction === 0) return cachedDate + clock;
  return `${cachedDate}${clock}.${two(Math.floor(fraction / 10_000))}${two(Math.floor(fraction / 100) % 100)}${two(fraction % 100)}`;
}

export function isoUtc(us: number): string {
  return `${isoNaive(us)}+00:00`;
}

/** The same instant as a caller in another zone writes it. */
export function isoOffset(us: number, offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? "-" : "+";
  const distance = Math.abs(offsetMinutes);
  return `${isoNaive(us + offsetMinutes * 60e6)}${sign}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}

function two(n: number): string {
  return twoDigits[n] as string;
}

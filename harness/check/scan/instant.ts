// Times as Graphiti stores them (`datetime.isoformat()` in UTC), read from bytes into a number that can be compared.

/** NaN where the text has another form: naive times and other offsets cannot be compared with these. */
export function instantOf(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length !== 25 && length !== 32) return Number.NaN;
  if (!isUtc(view, end - 6) || view.getUint8(start + 10) !== 84) return Number.NaN;
  const days = (digits(view, start, 4) * 13 + digits(view, start + 5, 2)) * 32 + digits(view, start + 8, 2);
  const hours = days * 24 + digits(view, start + 11, 2);
  const seconds = (hours * 60 + digits(view, start + 14, 2)) * 60 + digits(view, start + 17, 2);
  return length === 25 ? seconds : seconds + digits(view, start + 20, 6) / 1e6;
}

/** "+00:00" */
function isUtc(view: DataView, at: number): boolean {
  return view.getUint8(at) === 43 && digits(view, at + 1, 2) === 0 && digits(view, at + 4, 2) === 0;
}

function digits(view: DataView, at: number, count: number): number {
  let value = 0;
  for (let digit = 0; digit < count; digit += 1) value = value * 10 + view.getUint8(at + digit) - 48;
  return value;
}

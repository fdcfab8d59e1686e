import { expect, test } from "vitest";
import { isoInto, isoNaive, isoOffset, isoUtc } from "./time.ts";

const us = Date.UTC(2025, 1, 28, 23, 59, 58) * 1000 + 7;

test("instants look as Python's isoformat writes them", () => {
  expect(isoUtc(us)).toBe("2025-02-28T23:59:58.000007+00:00");
  expect(isoNaive(us)).toBe("2025-02-28T23:59:58.000007");
  expect(isoOffset(us, 120)).toBe("2025-03-01T01:59:58.000007+02:00");
  expect(isoOffset(us, -330)).toBe("2025-02-28T18:29:58.000007-05:30");
});

test("a whole second has no fraction", () => {
  expect(isoUtc(us - 7)).toBe("2025-02-28T23:59:58+00:00");
});

test("agrees with Date over many days, in any order", () => {
  for (let k = 0; k < 2000; k++) {
    const at = (Date.UTC(1999, 0, 1) + ((k * 7_919_000_017) % (400 * 86_400_000))) * 1000 + 123;
    expect(isoNaive(at)).toBe(`${new Date(Math.floor(at / 1000)).toISOString().slice(0, -1)}123`);
  }
});

test("bytes are written where asked, and their end is given", () => {
  const bytes = Buffer.alloc(40);
  expect(isoInto(us, true, new DataView(bytes.buffer, bytes.byteOffset), 3)).toBe(35);
  expect(bytes.toString("latin1", 3, 35)).toBe(isoUtc(us));
});

import { expect, test } from "vitest";
import { doubleRest, printDouble } from "./canonical.ts";

test.each([
  [0, "0"],
  [-0, "-0"],
  [1, "1"],
  [0.1 + 0.2, "0.3"],
  [1e300, "1e+300"],
  [1e-7, "1e-07"],
  [-1.5e-10, "-1.5e-10"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1234567890123456, "1.23456789012346e+15"],
  [123456789012345, "123456789012345"],
  [100000000000000.5, "100000000000000"],
  [100000000000001.5, "100000000000002"],
  [5e-324, "4.94065645841247e-324"],
  [Number.MAX_VALUE, "1.79769313486232e+308"],
  [Infinity, "inf"],
])("prints %s as C's %%.15g does", (value, text) => {
  expect(printDouble(value)).toBe(text);
});

test("the rest of a double distinguishes neighbours", () => {
  expect(doubleRest(0.3)).not.toBe(doubleRest(0.1 + 0.2));
  expect(doubleRest(0.5)).toBe("0");
  const nextToLargest = Number.MAX_VALUE * (1 - 2 ** -53);
  expect(printDouble(nextToLargest)).toBe(printDouble(Number.MAX_VALUE));
  expect(doubleRest(nextToLargest)).not.toBe(doubleRest(Number.MAX_VALUE));
});

// Against published values (sources in the comments), and properties that hold for any numbers.
import fc from "fast-check";
import { median } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { centre, shift } from "./hodges-lehmann.ts";
import { medianInPlace } from "./median.ts";
import { normalCumulative, studentCumulative, studentQuantile } from "./student.ts";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const some = fc.array(value, { minLength: 1, maxLength: 30 });
const close = (a: number, b: number, scale: number = 1e6): boolean => Math.abs(a - b) <= 1e-9 * scale;

describe("the median", () => {
  it("is that of a library that sorts", () => {
    fc.assert(fc.property(some, (values) => close(medianInPlace(Float64Array.from(values)), median(values))));
    expect(medianInPlace(new Float64Array())).toBeNaN();
  });
});

describe("Hodges-Lehmann", () => {
  it("gives what a hand gives", () => {
    // Averages of pairs: 1, 1.5, 2, 5.5, 6, 10.
    expect(centre([1, 2, 10])).toBe(3.75);
    expect(shift([1, 2], [4, 9])).toBe(5);
    expect(centre([])).toBeNaN();
  });
  it("gives the published estimates", () => {
    // Hollander and Wolfe, depression scale before and after a tranquilizer; R's wilcox.test gives -0.46.
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    expect(centre(after.map((a, i) => a - (before[i] ?? 0)))).toBeCloseTo(-0.46, 10);
    // The same book, permeability of membranes at term and earlier: 0.305.
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const earlier = [1.15, 0.88, 0.9, 0.74, 1.21];
    expect(shift(earlier, term)).toBeCloseTo(0.305, 10);
  });
  it("moves with the values, and turns with them", () => {
    fc.assert(
      fc.property(some, some, value, (base, head, by) => {
        expect(close(centre(base.map((v) => v + by)), centre(base) + by)).toBe(true);
        expect(close(centre(base.map((v) => -v)), -centre(base))).toBe(true);
        expect(close(shift(base, head), -shift(head, base))).toBe(true);
        expect(
          close(
            shift(
              base,
              head.map((v) => v + by),
            ),
            shift(base, head) + by,
          ),
        ).toBe(true);
      }),
    );
  });
  it("is hardly moved by one wild run", () => {
    expect(centre([1, 1.1, 0.9, 1, 1.05, 0.95, 1, 400])).toBeLessThan(1.1);
  });
});

describe("Student's t and its limit", () => {
  it("have the quantiles of the tables", () => {
    expect(studentQuantile(0.975, 10)).toBeCloseTo(2.228139, 6);
    expect(studentQuantile(0.95, 1)).toBeCloseTo(6.313752, 5);
    expect(studentQuantile(0.005, 5)).toBeCloseTo(-4.032143, 6);
    expect(studentCumulative(0, 7)).toBe(0.5);
  });
  it("are each other's inverse", () => {
    expect(studentQuantile(0.5, 3)).toBeCloseTo(0, 10);
    fc.assert(
      fc.property(
        fc.double({ min: 0.0001, max: 0.9999, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (p, freedom) => close(studentCumulative(studentQuantile(p, freedom), freedom), p, 1),
      ),
    );
  });
  it("go far into the tail", () => {
    expect(normalCumulative(-3) / 1.349898e-3).toBeCloseTo(1, 4);
    expect(normalCumulative(-5) / 2.866516e-7).toBeCloseTo(1, 5);
    expect(normalCumulative(-8) / 6.220961e-16).toBeCloseTo(1, 5);
  });
});

// Welch's t-test, which most people would reach for: here as a yardstick for the power study, not for verdicts.
import { mean, sampleVariance } from "simple-statistics";
import { studentCumulative } from "./student.ts";

export interface WelchTest {
  readonly t: number;
  readonly freedom: number;
  /** Of "head is not larger than base", against "it is". */
  readonly p: number;
}

export function welchTest(base: readonly number[], head: readonly number[]): WelchTest {
  const errors = [base, head].map((values) => sampleVariance([...values]) / values.length) as [number, number];
  const sum = errors[0] + errors[1];
  const t = (mean([...head]) - mean([...base])) / Math.sqrt(sum);
  const freedom = sum ** 2 / (errors[0] ** 2 / (base.length - 1) + errors[1] ** 2 / (head.length - 1));
  return { t, freedom, p: 1 - studentCumulative(t, freedom) };
}

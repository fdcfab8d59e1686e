// The one registry of metrics, and samples that agree with it. docs/reference/metrics.md is written from it.
import { Exposition } from "../../../reports/text/exposition.ts";
import type { MetricEntry } from "./metric.ts";
import { type ProofMetric, proofMetrics } from "./proof-metrics.ts";
import { type VaultMetric, vaultMetrics } from "./vault-metrics.ts";

export type MetricName = VaultMetric | ProofMetric;

/** In the order in which they are given. */
export const monitorMetrics: Readonly<Record<MetricName, MetricEntry>> = { ...vaultMetrics, ...proofMetrics };

type Labels = Readonly<Record<string, string>>;

export interface Distribution {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** One count for each bound, and one more for what is above the last. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** One value, as a scrape would show it. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export class MetricSamples {
  readonly #added = new Map<MetricName, ((out: Exposition) => void)[]>();
  readonly #values: MetricSample[] = [];

  /** All values but those of histograms. */
  get values(): readonly MetricSample[] {
    return this.#values;
  }

  add(name: MetricName, value: number, labels: Labels): void {
    const { help, type } = monitorMetrics[name];
    if (type === "histogram") throw new Error(`${name} is a histogram`);
    this.#under(name, labels, (out) => out[type](name, help, value, labels));
    this.#values.push({ name, labels, value });
  }

  distribution(name: MetricName, distribution: Distribution, labels: Labels): void {
    const { help, type } = monitorMetrics[name];
    if (type !== "histogram") throw new Error(`${name} is a ${type}`);
    this.#under(name, labels, (out) => out.histogram(name, help, distribution, labels));
  }

  #under(name: MetricName, labels: Labels, write: (out: Exposition) => void): void {
    const expected = monitorMetrics[name].labels.join();
    if (Object.keys(labels).join() !== expected)
      throw new Error(`${name} has the labels ${expected}, and not ${Object.keys(labels).join()}`);
    const before = this.#added.get(name) ?? [];
    this.#added.set(name, before);
    before.push(write);
  }

  /** In the order of the registry, whatever order they came in. */
  toString(): string {
    const out = new Exposition();
    for (const name of Object.keys(monitorMetrics) as MetricName[])
      for (const write of this.#added.get(name) ?? []) write(out);
    return out.toString();
  }
}

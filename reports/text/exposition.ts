// Metrics as text for Prometheus; where there are only gauges, OpenMetrics reads it too (it names counters differently).
import { visible } from "../../harness/base/one-line.ts";

type Labels = Readonly<Record<string, string>>;
type MetricType = "gauge" | "counter" | "histogram";

export class Exposition {
  readonly #families = new Map<
    string,
    { readonly type: MetricType; readonly help: string; readonly samples: string[] }
  >();

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#add("gauge", name, help, value, labels);
  }

  /** What only grows while a process lives; its name ends in `_total`. */
  counter(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#add("counter", name, help, value, labels);
  }

  /** `counts` has one count more than there are upper bounds, for what is above the last of them. */
  histogram(
    name: string,
    help: string,
    {
      bounds,
      counts,
      sum,
    }: { readonly bounds: readonly number[]; readonly counts: readonly number[]; readonly sum: number },
    labels: Labels = {},
  ): void {
    let count = 0;
    for (const [index, le] of [...bounds, Number.POSITIVE_INFINITY].entries()) {
      count += counts[index] ?? 0;
      this.#add("histogram", name, help, count, { ...labels, le: written(le) }, "_bucket");
    }
    this.#add("histogram", name, help, sum, labels, "_sum");
    this.#add("histogram", name, help, count, labels, "_count");
  }

  #add(type: MetricType, name: string, help: string, value: number, labels: Labels, suffix = ""): void {
    const family = this.#families.get(name) ?? { type, help, samples: [] };
    this.#families.set(name, family);
    const text = Object.entries(labels).map(
      ([key, label]) => `${key}="${escaped(label).replaceAll('"', String.raw`\"`)}"`,
    );
    family.samples.push(`${name}${suffix}${text.length === 0 ? "" : `{${text.join(",")}}`} ${written(value)}`);
  }

  /** All samples of a family are consecutive, as both formats require. */
  toString(): string {
    const families = [...this.#families].map(([name, { type, help, samples }]) => {
      return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${samples.join("\n")}\n`;
    });
    return `${families.join("")}# EOF\n`;
  }
}

function written(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
}

function escaped(text: string): string {
  return visible(text)
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`);
}

// Metrics as text for Prometheus; where there are only gauges, OpenMetrics reads it too (it names counters differently).
import { visible } from "../../harness/base/one-line.ts";

type Labels = Readonly<Record<string, string>>;

export class Exposition {
  readonly #families = new Map<
    string,
    { readonly type: "gauge" | "counter"; readonly help: string; readonly samples: string[] }
  >();

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#add("gauge", name, help, value, labels);
  }

  /** What only grows while a process lives; its name ends in `_total`. */
  counter(name: string, help: string, value: number): void {
    this.#add("counter", name, help, value, {});
  }

  #add(type: "gauge" | "counter", name: string, help: string, value: number, labels: Labels): void {
    const family = this.#families.get(name) ?? { type, help, samples: [] };
    this.#families.set(name, family);
    const text = Object.entries(labels).map(
      ([key, label]) => `${key}="${escaped(label).replaceAll('"', String.raw`\"`)}"`,
    );
    const sample = `${name}${text.length === 0 ? "" : `{${text.join(",")}}`} ${value}`;
    family.samples.push(sample);
  }

  /** All samples of a family are consecutive, as both formats require. */
  toString(): string {
    const families = [...this.#families].map(([name, { type, help, samples }]) => {
      return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${samples.join("\n")}\n`;
    });
    return `${families.join("")}# EOF\n`;
  }
}

function escaped(text: string): string {
  return visible(text)
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`);
}

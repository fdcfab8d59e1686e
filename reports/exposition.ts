// Gauges as text that Prometheus and OpenMetrics both read.
import { visible } from "./markup.ts";

type Labels = Readonly<Record<string, string>>;

export class Exposition {
  readonly #families = new Map<string, { readonly help: string; readonly samples: string[] }>();

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    const family = this.#families.get(name) ?? { help, samples: [] };
    this.#families.set(name, family);
    const text = Object.entries(labels).map(
      ([key, label]) => `${key}="${escaped(label).replaceAll('"', String.raw`\"`)}"`,
    );
    const sample = `${name}${text.length === 0 ? "" : `{${text.join(",")}}`} ${value}`;
    family.samples.push(sample);
  }

  /** All samples of a family stand together, as both formats ask. */
  toString(): string {
    const families = [...this.#families].map(([name, { help, samples }]) => {
      return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} gauge\n${samples.join("\n")}\n`;
    });
    return `${families.join("")}# EOF\n`;
  }
}

function escaped(text: string): string {
  return visible(text)
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`);
}

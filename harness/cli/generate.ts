// `falkordrill generate`: a graph from a seed, into a FalkorDB or only counted.
import type { Command } from "commander";
import { dataset } from "../../generators/dataset.ts";
import { type Dataset, type DatasetOptions, shapeNames, variantNames } from "../../generators/model.ts";
import { datasetStatistics } from "../../generators/statistics.ts";
import { type Endpoint, parseServerUrl } from "../base/endpoint.ts";
import { usageError } from "../base/errors.ts";
import { oneOf } from "../base/one-of.ts";
import { formatCount, formatDuration, parseCount } from "../base/units.ts";
import { externalEngines } from "../engine/external.ts";
import { loadDataset, type LoadedDataset } from "../falkordb/load/load.ts";
import { interruptible } from "./terminal/interrupt.ts";
import { ProgressPrinter } from "./terminal/progress.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "./server-flags.ts";
import { shapeDocument, shapeTable } from "./shape-table.ts";
import { flagValue } from "./flag-value.ts";

interface GenerateFlags extends ServerFlags {
  readonly nodes: string;
  readonly shape: string;
  readonly variant: string;
  readonly dims: string;
  readonly seed: string;
  readonly schema: string;
  readonly url?: string;
  readonly stats?: boolean;
  readonly json?: boolean;
}

const schemaNames = ["pre1856", "post1856"] as const;
const nodesMax = 20_000_000;
const dimsMax = 4096;

export function registerGenerate(program: Command): void {
  const command = program
    .command("generate")
    .description("generate a Graphiti graph into a FalkorDB, or print its shape")
    .option("--nodes <count>", "about how many nodes, over all graphs", "10k")
    .option("--shape <name>", shapeNames.join(", "), "personal")
    .option("--variant <name>", variantNames.join(", "), "clean")
    .option("--dims <n>", "length of the embeddings; 0 leaves them out", "1024")
    .option("--seed <n>", "the same seed gives the same bytes", "1")
    .option("--schema <name>", "what Graphiti stored before or after its change #1856", "post1856")
    .option("--url <url>", "redis://[user:password@]host:port of a FalkorDB to load into; nothing is overwritten")
    .option("--stats", "print the shape next to that of measured real graphs (default without --url)")
    .option("--json", "print one JSON document on stdout");
  addServerFlags(command).action(generate);
}

async function generate(flags: GenerateFlags): Promise<void> {
  const options = optionsOf(flags);
  const content = dataset(options);
  const loaded =
    flags.url === undefined ? undefined : await load(parseServerUrl(flags.url, await overridesOf(flags)), content);
  // Embeddings have no part in the shape, and making them would be most of the work.
  const counted = dataset({ ...options, dims: 0 });
  const statistics = flags.stats === true || loaded === undefined ? datasetStatistics(counted) : undefined;
  if (flags.json === true) {
    const document = {
      options,
      datasetVersion: content.version,
      ...(loaded === undefined ? {} : { loaded: { ...loaded, graphs: loaded.graphs.length } }),
      ...(statistics === undefined ? {} : { statistics: shapeDocument(statistics) }),
    };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const lines = [
    ...(statistics === undefined ? [] : shapeTable(statistics)),
    ...(loaded === undefined ? [] : [loadedLine(loaded)]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function load(endpoint: Endpoint, content: Dataset): Promise<LoadedDataset> {
  return interruptible(async (signal) => {
    using progress = new ProgressPrinter();
    await using engine = await externalEngines({ endpoint }).start({ signal });
    return loadDataset(engine.endpoint, content, { signal, progress });
  });
}

function loadedLine({ graphs, counts, generateMs, loadMs, indexMs }: LoadedDataset): string {
  const what = `${formatCount(counts.nodes)} nodes and ${formatCount(counts.edges)} edges in ${formatCount(graphs.length)}`;
  const graphsWord = graphs.length === 1 ? "graph" : "graphs";
  return (
    `loaded ${what} ${graphsWord} in ${formatDuration(loadMs)} (of which generating ${formatDuration(generateMs)}), ` +
    `indexes operational after ${formatDuration(indexMs)} more`
  );
}

function optionsOf(flags: GenerateFlags): DatasetOptions {
  return {
    nodes: within("--nodes", flagValue("--nodes", flags.nodes, parseCount), flags.nodes, 1, nodesMax),
    shape: oneOf("--shape", flags.shape, shapeNames),
    variant: oneOf("--variant", flags.variant, variantNames),
    dims: within("--dims", wholeOf(flags.dims), flags.dims, 0, dimsMax),
    seed: within("--seed", wholeOf(flags.seed), flags.seed, 0, 2 ** 32 - 1),
    schema: oneOf("--schema", flags.schema, schemaNames),
  };
}

function wholeOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function within(flag: string, value: number, text: string, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw usageError(`${flag} ${text} is out of range; it takes ${min} to ${max}`);
}

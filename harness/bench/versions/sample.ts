// One sample: a version's own benchmarks in a process of their own, so that nothing warm is left from the sample before.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { reaper } from "../../base/process/reaper.ts";
import { startTimer } from "../../base/timer.ts";
import { type BenchRow, benchRowSchema } from "../rows.ts";
import { z } from "zod";

export interface SampleRow extends BenchRow {
  readonly benchmark: string;
}
const sampleRowSchema: z.ZodType<SampleRow> = z.intersection(benchRowSchema, z.object({ benchmark: z.string() }));

export interface SampleRequest {
  /** What goes after `falkordrill bench`. */
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** `root` is the package folder of the version. */
export async function takeSample(root: string, request: SampleRequest): Promise<readonly SampleRow[]> {
  const { code, stdout, stderr } = await runBench(root, request);
  request.signal.throwIfAborted();
  const rows = stdout.split("\n").flatMap(rowOf);
  // A missed target ends with 12 and is not a failure here.
  if ((code === 0 || code === 12) && rows.length > 0) return rows;
  throw new DrillError(
    `a sample of ${root} gave ${rows.length} rows and ended with ${code ?? "a signal"}: ${lastLines(stderr)}`,
    { exit: "inconclusive", hint: `Run it alone: falkordrill bench ${request.args.join(" ")}` },
  );
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runBench(root: string, { args, timeoutMs, signal }: SampleRequest): Promise<Ended> {
  const bin = join(root, "bin", "falkordrill.js");
  const child = spawn(process.execPath, [...process.execArgv, bin, "bench", ...args, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  using _registration = child.pid === undefined ? undefined : reaper.process(child.pid);
  // It cleans up what it started when it is asked to end; its own reaper removes the rest.
  const end = (): void => void child.kill("SIGTERM");
  using _deadline = startTimer(timeoutMs, () => void child.kill("SIGKILL"));
  signal.addEventListener("abort", end, { once: true });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => {
      texts[name] += text;
    });
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, ...texts };
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function rowOf(line: string): SampleRow[] {
  if (!line.startsWith('{"type":"row"')) return [];
  return [sampleRowSchema.parse(JSON.parse(line))];
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join("; ");
}

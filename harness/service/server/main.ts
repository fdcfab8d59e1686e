// The graph service in its own process, so that a drill can kill it. The configuration is JSON, from the file named on
// the command line or as the first line of stdin, because it holds the admin token. Once the service listens it prints
// one line of JSON with its URL. SIGTERM and SIGINT drain and stop it, and so does the end of stdin with
// `"stopWithStdin": true`, so that it does not outlive a harness that was killed.
import { on } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface, type Interface } from "node:readline";
import { z } from "zod";
import { exitCodes, DrillError, errorMessage, usageError } from "../../base/errors.ts";
import { type GraphServiceOptions, startGraphService } from "./server.ts";

type Config = GraphServiceOptions & { readonly stopWithStdin?: boolean | undefined };

const configSchema: z.ZodType<Config> = z.strictObject({
  database: z.strictObject({
    host: z.string(),
    port: z.int().min(1).max(65_535),
    username: z.string().exactOptional(),
    password: z.string().exactOptional(),
  }),
  token: z.string(),
  tokens: z
    .strictObject({ read: z.string().optional(), pause: z.string().optional(), trigger: z.string().optional() })
    .optional(),
  stateDir: z.string().min(1),
  host: z.string().optional(),
  tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
  port: z.int().min(0).max(65_535).optional(),
  backup: z
    .strictObject({ command: z.tuple([z.string()], z.string()), timeoutMs: z.int().positive().optional() })
    .optional(),
  fleet: z.string().min(1).optional(),
  fleetAliveMs: z.int().min(100).optional(),
  stalledAfterMs: z.int().positive().optional(),
  shutdownDrainMs: z.int().nonnegative().optional(),
  stopWithStdin: z.boolean().optional(),
});

async function main(): Promise<void> {
  const [, , configPath] = process.argv;
  const input = createInterface(process.stdin);
  const text = configPath === undefined ? await firstLine(input) : await readFile(configPath, "utf8");
  const { stopWithStdin, ...options } = parseConfig(text);
  const parent = new AbortController();
  if (stopWithStdin === true) input.once("close", () => parent.abort(new Error("the process that started it is gone")));
  const onFailure = (message: string): void => void process.stderr.write(`${message}\n`);
  const service = await startGraphService({ ...options, onFailure, signal: parent.signal });
  process.stdout.write(`${JSON.stringify({ url: service.url, pid: process.pid })}\n`);
  const stop = async (): Promise<void> => {
    await service[Symbol.asyncDispose]();
    process.exit(exitCodes.pass);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop().catch(fail));
  if (parent.signal.aborted) return await stop();
  parent.signal.addEventListener("abort", () => void stop().catch(fail), { once: true });
  if (stopWithStdin !== true) input.close();
}

async function firstLine(input: Interface): Promise<string> {
  for await (const line of on(input, "line", { close: ["close"] })) return String(line[0]);
  throw usageError("the graph service got no configuration", "give it a file, or one line of JSON on stdin");
}

function parseConfig(json: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The text is not repeated: it may hold the token.
    throw usageError("the configuration of the graph service is not JSON");
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw usageError(`the configuration of the graph service is wrong: ${z.prettifyError(parsed.error)}`);
}

function fail(error: unknown): void {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exit(exitCodes[error instanceof DrillError ? error.exit : "internal"]);
}

await main().catch(fail);

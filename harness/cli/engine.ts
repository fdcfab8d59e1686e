// `falkordrill engine`: a FalkorDB in the foreground, for experiments.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { serverUrl } from "../base/endpoint.ts";
import { environmentError, usageError } from "../base/errors.ts";
import { pasteable } from "../base/invocation.ts";
import { pace } from "../base/timer.ts";
import { interruptible } from "./terminal/interrupt.ts";
import { paint } from "./terminal/style.ts";

interface EngineFlags {
  readonly port?: string;
  readonly dir?: string;
  readonly server: readonly string[];
}

const watchMs = 500;
const portMax = 65_535;

export function registerEngine(program: Command): void {
  program
    .command("engine")
    .description("a FalkorDB in the foreground until Ctrl-C, for experiments; prints its URL on stdout")
    .option("--port <n>", "its port on the loopback interface (default: a free one)")
    .option(
      "--dir <dir>",
      "keep its graphs in this folder: loaded at the start, saved at the end (default: kept nowhere)",
    )
    .option(
      "--server <setting>",
      "a setting, e.g. RESULTSET_SIZE=10000 or maxmemory=100mb; repeatable",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .action(serve);
}

async function serve(flags: EngineFlags): Promise<void> {
  const port = flags.port === undefined ? undefined : portOf(flags.port);
  const { parseServerSettings, withSettings } = await import("../engine/server-settings.ts");
  const settings = parseServerSettings(flags.server);
  const dir = flags.dir === undefined ? undefined : resolve(flags.dir);
  if (dir !== undefined) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { embeddedEngines } = await import("../engine/embedded.ts");
  const { connect } = await import("../falkordb/client/connection.ts");
  const { moduleVersionText } = await import("../engine/versions.ts");
  const engines = withSettings(embeddedEngines({ port }), settings);
  await interruptible(async (signal) => {
    const redisConfig = dir === undefined ? {} : { dir };
    await using engine = await engines.start({ name: "server", signal, redisConfig });
    const { module, redis } = await engine.versions();
    const url = serverUrl(engine.endpoint, { withPassword: true });
    process.stdout.write(`${url}\n`);
    const about = `FalkorDB ${moduleVersionText(module)} on redis ${redis}; ${dir ?? "its graphs are gone when it ends"}`;
    process.stderr.write(paint("dim", `${about}; Ctrl-C ends it\n`));
    process.stderr.write(
      paint("dim", `try: ${pasteable("falkordrill generate")} --nodes 1k --dims 16 --url '${url}'\n`),
    );
    while (!signal.aborted) {
      await pace(watchMs, signal).catch(() => undefined);
      // It says that it does not run, and why.
      if (!signal.aborted) await engine.rssBytes().catch(() => ended(engine.logs()));
    }
    if (dir === undefined) return;
    await using connection = await connect(engine.endpoint);
    await connection.command("SAVE");
    process.stderr.write(`saved in ${dir}\n`);
  });
}

async function ended(logs: Promise<string>): Promise<never> {
  const lines = (await logs).trimEnd().split("\n").slice(-5).join("\n");
  throw environmentError(`the FalkorDB has ended by itself; the end of its log:\n${lines}`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= portMax) return port;
  throw usageError(`--port ${text} is not a port from 1 to ${portMax}`);
}

#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=2
// The entry point of the program, in plain JavaScript that every Node can parse: an older Node starts the one that this
// package brings, or says what to do. The first line keeps the harness small beside the engine that it measures: streaming
// makes much garbage, so the young generation of V8 stays small (80 MiB less), and the C library keeps two pools of memory
// for all threads instead of one each (50 MiB less). `npm run drill` sets the same.
// In a checkout the TypeScript source runs directly; a published package has dist/.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

if (Number(process.versions.node.split(".")[0]) >= 24) {
  // Compiled code is kept for the next command, which starts a third faster; the processes of a drill find it by this variable.
  process.env.NODE_COMPILE_CACHE ??= join(
    process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    "falkordrill",
    "compiled",
  );
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const source = new URL("../harness/cli/main.ts", import.meta.url);
  const built = new URL("../dist/harness/cli/main.js", import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
  // The work is done. Whatever else still holds the process, such as a connection that the system under test forgot,
  // has a moment to end. And where nothing holds it, Node must not take its environment apart by itself: with a request on
  // a dead connection that it still counts, it does so for ever (seen with half-open connections of a proxy).
  setTimeout(() => process.exit(), 5000).unref();
  process.once("beforeExit", () => process.exit());
} else {
  const node = nodeBesideUs();
  if (node !== undefined) runWith(node);
  else {
    process.stderr.write(
      `falkordrill needs Node 24 or newer, and this is Node ${process.versions.node}. ` +
        "Install one for it alone with `npm install --save-dev node@24`, or run " +
        "`npx --package node@24 --package falkordrill falkordrill ...`.\n",
    );
    process.exitCode = 2;
  }
}

/** The npm package `node`: in a checkout always, beside an installed package where somebody installed it. */
function nodeBesideUs() {
  try {
    const file = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Ends as the other Node ends. */
function runWith(node) {
  const args = ["--max-semi-space-size=2", fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: "inherit", env: { MALLOC_ARENA_MAX: "2", ...process.env } });
  // A terminal sends these to both, and a second one means "leave at once".
  const isSentToBoth = process.stdin.isTTY || process.stderr.isTTY;
  const signals = ["SIGINT", "SIGHUP", "SIGTERM"];
  for (const signal of signals)
    process.on(signal, () => {
      if (signal === "SIGTERM" || !isSentToBoth) child.kill(signal);
    });
  child.once("error", (error) => {
    process.stderr.write(`cannot start ${node}: ${error.message}\n`);
    process.exitCode = 14;
  });
  child.once("exit", (status, signal) => {
    for (const each of signals) process.removeAllListeners(each);
    if (signal === null) process.exitCode = status;
    else process.kill(process.pid, signal);
  });
}

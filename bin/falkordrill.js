#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=2
// The door to the program. Plain JavaScript that every Node can parse, so that an old one gets a sentence
// and not a stack trace. The first line keeps the harness small beside the engine that it measures: streaming makes
// much garbage, so the young generation of V8 stays small (80 MiB less), and the C library keeps two pools of memory
// for all threads instead of one each (50 MiB less). `npm run drill` sets the same.
// In a checkout the TypeScript source runs directly; a published package has dist/.
import { existsSync } from "node:fs";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `falkordrill needs Node 24 or newer, and this is Node ${process.versions.node}. ` +
      "In a checkout run `npx falkordrill ...` or `npm run drill`, which bring their own Node 24; " +
      "elsewhere install Node 24 first.\n",
  );
  process.exitCode = 2;
} else {
  const source = new URL("../harness/cli/main.ts", import.meta.url);
  const built = new URL("../dist/harness/cli/main.js", import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
  // The work is done. Whatever else still holds the process, such as a connection that the system under test forgot,
  // has a moment to end.
  setTimeout(() => process.exit(), 5000).unref();
}

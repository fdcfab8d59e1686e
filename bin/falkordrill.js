#!/usr/bin/env -S node --max-semi-space-size=2
// The door to the program. Plain JavaScript that every Node can parse, so that an old one gets a sentence
// and not a stack trace. The flag above keeps the young generation of V8 small: streaming makes much garbage, and
// without it the harness holds 80 MiB more beside the engine that it measures.
// In a checkout the TypeScript source runs directly; a published package has dist/.
import { existsSync } from "node:fs";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `falkordrill needs Node 24 or newer, and this is Node ${process.versions.node}. ` +
      "In a checkout use `npm run drill`, which brings its own Node 24; elsewhere install Node 24 first.\n",
  );
  process.exitCode = 2;
} else {
  const source = new URL("../harness/cli/main.ts", import.meta.url);
  const built = new URL("../dist/harness/cli/main.js", import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
}

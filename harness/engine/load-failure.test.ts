import { expect, test } from "vitest";
import { loadFailure } from "./load-failure.ts";

const beginning = "1:M * Server initialized\n1:M * Loading RDB produced by version 8.2.3\n";

test.each([
  ["exited with status 1", "1:M # Wrong signature trying to load DB from file\n", "The file is not an RDB.", "data"],
  [
    "exited with status 1",
    "1:M # Short read or OOM loading DB. Unrecoverable error\n",
    "damaged or incomplete",
    "data",
  ],
  ["exited with status 1", "1:M # Can't handle RDB format version 13\n", "newer FalkorDB or Redis", "machine"],
  ["exited with status 1", "1:M # Write error: No space left on device\n", "disk of the engine's folder", "machine"],
  ["exited with status 1", "1:M # Unresolved Configuration(s) Detected:\n1:M # >>> 'nope 1'\n", "--server", "machine"],
  ["exited with status 1", "1:M # FATAL: ... configured to handle more than 16 databases.\n", "databases", "machine"],
  ["was ended by SIGABRT", "1:M # Out Of Memory allocating 432345564227567616 bytes!\n", "absurd amount", "data"],
  ["was ended by SIGABRT", "1:M # Out Of Memory allocating 4323455642 bytes!\n", "too little free memory", "machine"],
  ["was ended by SIGKILL", "", "OOM killer", "machine"],
  ["was ended by SIGSEGV", "", "63,999 or 64,000 nodes of one label", "data"],
  [
    "was ended by signal 11",
    "1:M # Redis 8.2.3 crashed by signal: 11\n",
    "63,999 or 64,000 nodes of one label",
    "data",
  ],
  ["exited with status 3", "1:M # something else\n", "The log above says why.", "unknown"],
] as const)("a server that %s, after %j", (ended, line, hint, blamed) => {
  const error = loadFailure("target", ended, beginning + line);
  expect(error.message).toContain(`engine "target" ${ended} before it was ready`);
  expect(error.message).toContain("Loading RDB produced by version 8.2.3");
  expect(error.hint).toContain(hint);
  expect(error.exit).toBe("environment");
  expect(error.blamed).toBe(blamed);
});

test("of a crash report only its beginning is shown", () => {
  const report = `=== REDIS BUG REPORT START ===\nsignal 11\n${"register dump\n".repeat(500)}`;
  const { message } = loadFailure("target", "was ended by SIGSEGV", beginning + report);
  expect(message.split("\n").length).toBeLessThan(16);
  expect(message).toContain("Loading RDB");
});

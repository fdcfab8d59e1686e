// A writer in its own process, for the test that kills it: node writer-process.ts <service url> <history file>.
import { openHistory } from "../history/history-file.ts";
import { startWriters } from "../writers.ts";

const [, , url = "", path = ""] = process.argv;
await startWriters({ service: { url }, writers: 4, seed: 9, history: openHistory(path), groups: ["killed"] });
process.stdout.write("writing\n");

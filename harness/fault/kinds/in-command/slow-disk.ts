// Loaded into a command by the fault disk-slow: each operation of its disk takes longer.
import { pace } from "../../../base/timer.ts";
import { type FileOperations, nodeFiles } from "../../../vault/store/file-operations.ts";
import { sayFired, strengthIn } from "./load-into.ts";

const ms = strengthIn(import.meta.url).number("ms");
const never = new AbortController().signal;
let slowed = 0;

function slow<Arguments extends readonly unknown[], Result>(
  work: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    if (slowed === 0) sayFired(`operations of the disk take ${ms} ms longer`);
    slowed += 1;
    await pace(ms, never);
    return await work(...given);
  };
}

const quick = { ...nodeFiles };
const slower: Partial<FileOperations> = {
  openNew: slow((path: string) => quick.openNew(path)),
  rename: slow((from: string, to: string) => quick.rename(from, to)),
  link: slow((from: string, to: string) => quick.link(from, to)),
  unlink: slow((path: string) => quick.unlink(path)),
  syncFolder: slow((path: string) => quick.syncFolder(path)),
};
Object.assign(nodeFiles, slower);

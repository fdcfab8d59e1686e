// Loaded into a command by the fault disk-slow: each operation of its disk takes longer.
import { setTimeout as delay } from "node:timers/promises";
import { type FileOperations, nodeFiles } from "../../../vault/store/file-operations.ts";
import { sayFired, strengthIn } from "./load-into.ts";

const ms = strengthIn(import.meta.url).number("ms");
let slowed = 0;

function slow<Arguments extends readonly unknown[], Result>(
  work: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    if (slowed === 0) sayFired(`operations of the disk take ${ms} ms longer`);
    slowed += 1;
    await delay(ms);
    return await work(...given);
  };
}

const { openNew, rename, link, unlink, syncFolder } = { ...nodeFiles };
const slower: Partial<FileOperations> = {
  openNew: slow(openNew),
  rename: slow(rename),
  link: slow(link),
  unlink: slow(unlink),
  syncFolder: slow(syncFolder),
};
Object.assign(nodeFiles, slower);

// Loaded into a command by the fault disk-errors: its disk fails from one operation on, or once.
import { nodeFiles } from "../../../vault/store/file-operations.ts";
import { failingFiles, type StorageKind } from "../../storage/failing-files.ts";
import { sayFired, strengthIn } from "./load-into.ts";

const { text, number } = strengthIn(import.meta.url);
const fault = { kind: text("kind") as StorageKind, at: number("at"), lasts: text("lasts") === "true" };
const { files, fired } = failingFiles({ ...nodeFiles }, fault);
Object.assign(nodeFiles, files);
process.on("exit", () => {
  const failed = fired();
  if (failed !== undefined) sayFired(`${fault.kind} in ${failed.operation} of ${failed.path}`);
});

// SHA-256 of files and of bytes, in hex.
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const atOnceBytes = 2 ** 20;

/** Streams large files, so that they may have any size; the many small ones of a run are read at once. */
export async function sha256OfFile(path: string): Promise<string> {
  if (statSync(path).size <= atOnceBytes) return sha256Of(readFileSync(path));
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

// SHA-256 of files and of bytes, in hex.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Streams the file, so that it may be of any size. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

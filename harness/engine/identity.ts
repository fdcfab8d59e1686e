// Identifies the exact build of an engine: two builds can have the same version.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { environment } from "../base/environment.ts";
import type { Progress } from "../base/progress.ts";
import { engineBinaries } from "./binaries/binaries.ts";
import type { EngineKind } from "./engine.ts";
import { publishedImage } from "./versions.ts";

/** Hash of the embedded engine's binaries, or the image of a container; unknown for an external engine. */
export async function engineIdentity(
  kind: EngineKind,
  options: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<string> {
  if (kind === "container") return `container ${environment().engineImage ?? publishedImage()}`;
  if (kind === "external") return "external";
  const { server, module } = await engineBinaries(options);
  const hash = createHash("sha256");
  for (const path of [server, module]) await pipeline(createReadStream(path), hash, { end: false });
  return `embedded sha256:${hash.digest("hex")}`;
}

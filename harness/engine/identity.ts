// Which engine exactly: versions can be equal and builds not.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { environment } from "../base/environment.ts";
import type { Progress } from "../base/progress.ts";
import { engineBinaries } from "./binaries/binaries.ts";
import type { EngineKind } from "./engine.ts";
import { publishedImage } from "./versions.ts";

/** The hash of the embedded engine's binaries, or the image of a container; of an external engine nobody knows. */
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

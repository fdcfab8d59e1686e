// The FalkorDB versions that the harness knows: one place for versions, encodings and image pins.
import { address, type Endpoint } from "../base/endpoint.ts";
import { environmentError } from "../base/errors.ts";
import { connect } from "../falkordb/client/connection.ts";
import type { EngineVersions } from "./engine.ts";

export interface FalkordbVersion {
  /** Module version as reported: major * 10000 + minor * 100 + patch. */
  readonly module: number;
  readonly redis: string;
  /** Encoding version of the RDB that the module writes. */
  readonly encver: number;
  /** The published image. */
  readonly image: string;
  /** `sha256:...` of that image for linux/amd64. Undefined while it has not been read from the registry. */
  readonly digest: string | undefined;
}

/** The version of the embedded engine, and so of every engine unless the user asks for another. */
export const defaultVersion: FalkordbVersion = {
  module: 41603,
  redis: "8.2.3",
  encver: 18,
  image: "falkordb/falkordb-server:v4.16.3",
  // Not read yet: `docker buildx imagetools inspect <image>` prints it. A guess would be worse than none.
  digest: undefined,
};

/** A server that hangs, or a network that went silent, answers nothing. */
const answerTimeoutMs = 60_000;

/** Docker reference of the published image; pinned where the digest is known. */
export function publishedImage(version: FalkordbVersion = defaultVersion): string {
  return version.digest === undefined ? version.image : `${version.image}@${version.digest}`;
}

/** First module version of each encoding, newest first. */
const encodings: readonly (readonly [module: number, encver: number])[] = [
  [41800, 19],
  [41200, 18],
  [41000, 17],
  [40400, 16],
  [40200, 15],
];

/** Undefined for versions older than the table, and for builds without a version (they report 999999). */
export function encverOf(module: number): number | undefined {
  return module >= 50000 ? undefined : encodings.find(([first]) => module >= first)?.[1];
}

export function moduleVersionText(module: number): string {
  return `${Math.floor(module / 10000)}.${Math.floor(module / 100) % 100}.${module % 100}`;
}

/** Reads the versions from a running engine. */
export async function readVersions(endpoint: Endpoint): Promise<EngineVersions> {
  await using connection = await connect(endpoint, { commandTimeoutMs: answerTimeoutMs });
  const { redis_version: redis = "unknown" } = await connection.info("server");
  const module = graphModuleVersion(await connection.command("MODULE", "LIST"));
  if (module === undefined)
    throw environmentError(`the server at ${address(endpoint)} is not a FalkorDB: it has no graph module`);
  return { redis, module, encver: encverOf(module) };
}

/** Graph module version from the reply of MODULE LIST; undefined where no graph module is loaded. */
export function graphModuleVersion(reply: unknown): number | undefined {
  for (const entry of reply as unknown[][]) {
    const at = (field: string): unknown => entry[entry.indexOf(field) + 1];
    if (at("name") === "graph") return Number(at("ver"));
  }
  return undefined;
}

// The flags of `run` as commander gives them, read into options. Ranges and what contradicts what is resolveOptions' part.
import { type EndpointOverrides, parseServerUrl } from "../base/endpoint.ts";
import { usageError } from "../base/errors.ts";
import { parseCount, parseDuration } from "../base/units.ts";
import type { DrillOptions } from "../drill/run/drill-options.ts";
import type { GivenOptions } from "../drill/run/options.ts";
import { parseShard } from "../record/shard.ts";
import { parseServerSettings } from "../engine/server-settings.ts";
import { flagValue } from "./flag-value.ts";

export interface DrillFlags {
  readonly profile?: string;
  readonly nodes?: string;
  readonly dims?: string;
  readonly shape?: string;
  readonly schema?: string;
  readonly seed?: string;
  readonly repeat?: string;
  readonly shard?: string;
  readonly engine?: string;
  readonly url?: string;
  /** Password and TLS of that server, where they do not stand in its URL. */
  readonly access?: EndpointOverrides;
  readonly server?: readonly string[];
  readonly iUnderstandThisWipes?: string;
  readonly system?: string;
  readonly rto?: string;
  readonly rpo?: string;
  readonly fault?: string;
  readonly from?: string;
  readonly out?: string;
  readonly keep?: boolean;
}

/** Undefined for what was not given. */
export function parseFlags(filters: readonly string[], flags: DrillFlags): GivenOptions {
  const { url, access, shard, server = [], rto, rpo } = flags;
  return {
    filters,
    // Whether these names are known, resolveOptions says.
    profile: flags.profile as DrillOptions["profile"] | undefined,
    shape: flags.shape as DrillOptions["shape"] | undefined,
    schema: flags.schema as DrillOptions["schema"] | undefined,
    fault: flags.fault as DrillOptions["fault"],
    engine: flags.engine as DrillOptions["engine"] | undefined,
    nodes: given(flags.nodes, (text) => flagValue("--nodes", text, parseCount)),
    dims: given(flags.dims, (text) => whole("--dims", text)),
    seed: given(flags.seed, (text) => whole("--seed", text)),
    repeat: given(flags.repeat, (text) => whole("--repeat", text)),
    shard: given(shard, parseShard),
    external: given(url, (text) => parseServerUrl(text, access)),
    server: server.length === 0 ? undefined : parseServerSettings(server),
    objectives: {
      rtoMs: given(rto, (text) => flagValue("--rto", text, parseDuration)),
      rpoMs: given(rpo, (text) => flagValue("--rpo", text, parseDuration)),
    },
    wipeConsent: flags.iUnderstandThisWipes,
    system: flags.system,
    out: flags.out,
    keep: flags.keep,
  };
}

function given<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function whole(flag: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw usageError(`${flag} ${text} is not a whole number`);
}

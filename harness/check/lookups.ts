import type { Fingerprint, Index, Lookup } from "./observation.ts";
import type { Samples } from "./samples.ts";

export function lookupsFor(_indexes: readonly Index[], _samples: Samples, _fingerprint: Fingerprint): Lookup[] {
  return [];
}
export function wordsFor(_indexes: readonly Index[], _samples: Samples): string[] {
  return [];
}

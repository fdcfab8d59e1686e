import type { Search } from "./observation.ts";
import type { Samples } from "./samples.ts";

export function searchesFor(_groupId: string, _samples: Samples, _seed: number): Search[] {
  return [];
}

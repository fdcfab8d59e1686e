import type { Properties } from "../../generators/model.ts";
import type { EntityKind, VectorSums } from "./observation.ts";

export class ExpectedVectors {
  constructor(_seed: number) {}
  add(_entity: EntityKind, _kind: string, _key: Uint32Array, _properties: Properties): void {}
  result(): VectorSums[] {
    return [];
  }
}

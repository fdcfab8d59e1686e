// Records which arrays in the blobs sent so far must be converted to vectors, and where they are.

export interface PendingVectors {
  readonly kind: "node" | "edge";
  /** Labels joined by ":", or the relationship type. */
  readonly heading: string;
  readonly property: string;
  readonly dims: number;
  readonly count: number;
  /** Ids of the nodes, or of the edges' source nodes. */
  readonly firstId: number;
  readonly lastId: number;
}

export class VectorNotes {
  #notes = new Map<string, { -readonly [K in keyof PendingVectors]: PendingVectors[K] }>();
  #elements = 0;

  /** Elements of the vectors noted since they were last taken. */
  get elements(): number {
    return this.#elements;
  }

  note(what: Pick<PendingVectors, "kind" | "heading" | "property" | "dims">, id: number): void {
    const key = `${what.kind} ${what.heading} ${what.property} ${what.dims}`;
    this.#elements += what.dims;
    const noted = this.#notes.get(key);
    if (noted === undefined) {
      this.#notes.set(key, { ...what, count: 1, firstId: id, lastId: id });
      return;
    }
    noted.count++;
    noted.firstId = Math.min(noted.firstId, id);
    noted.lastId = Math.max(noted.lastId, id);
  }

  /** The vectors noted since the last time. */
  take(): PendingVectors[] {
    const vectors = [...this.#notes.values()];
    this.#notes = new Map();
    this.#elements = 0;
    return vectors;
  }
}

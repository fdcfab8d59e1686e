// Where figures come from. Times of two runs are comparable only when all of this is the same.
import { z } from "zod";

/** What a figure depends on apart from the version under test, as name -> text. */
export type Provenance = Readonly<Record<string, string>>;
export const provenanceSchema: z.ZodType<Provenance> = z.record(z.string(), z.string());

export interface Difference {
  readonly name: string;
  /** Undefined where one side does not say. */
  readonly base: string | undefined;
  readonly head: string | undefined;
}

/** What both do not have in common, by name. */
export function differences(base: Provenance, head: Provenance): readonly Difference[] {
  const names = [...new Set([...Object.keys(base), ...Object.keys(head)])].toSorted();
  return names
    .filter((name) => base[name] !== head[name])
    .map((name) => ({ name, base: base[name], head: head[name] }));
}

export function differenceText({ name, base, head }: Difference): string {
  return `${name} (${base ?? "not said"} in base, ${head ?? "not said"} in head)`;
}

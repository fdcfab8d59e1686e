// Secrets and texts of a graph that are planted before a drill, and where each may stand in clear, with the reason.
import { randomBytes } from "node:crypto";
import type { Needle } from "../../../base/files/search-file.ts";
import { formsOf } from "../../../base/files/text-forms.ts";

type PlantedKind = "graph" | "name" | "password" | "token" | "passphrase" | "environment" | "argument";

export interface Planted {
  readonly kind: PlantedKind;
  readonly name: string;
  readonly text: string;
}

/** Where a planted text was found: `place` is `<room>/<path>`. */
export interface Sighting {
  readonly planted: Pick<Planted, "kind" | "name">;
  readonly place: string;
}

export interface Rule {
  readonly kinds: readonly PlantedKind[];
  readonly place: RegExp;
  readonly why: string;
}

/** Random, so that it is nowhere by chance, with characters that every encoding writes in its own way. */
export function unusual(word: string): string {
  return `${word} "ünï" <&> ${randomBytes(9).toString("base64url")}`;
}

/** The same of characters that a header and a URL take as they are. */
export function plain(word: string): string {
  return `${word}-${randomBytes(18).toString("base64url")}`;
}

/** What may stand in clear, and why. A place that is not listed here may hold nothing of it. */
const rules: readonly Rule[] = [
  {
    kinds: ["password", "token", "passphrase"],
    place: /^secrets\//,
    why: "the file, of mode 0600, in which the owner gives it",
  },
  {
    kinds: ["environment"],
    place: /^process\/[^/]+\/command\/environ$/,
    why: "the environment in which the owner gives it to the command",
  },
  {
    kinds: ["argument"],
    place: /^process\/[^/]+\/command\/argv$/,
    why: "the owner wrote it into the URL on the command line, in place of --password-file",
  },
  {
    kinds: ["graph", "name"],
    place: /^out\/dump\.rdb$/,
    why: "the file, of mode 0600, that --rdb-out was told to write",
  },
  {
    kinds: ["name"],
    place: /^vault\/(backups|segments)\/[^/]+\/(\d+\/)?[^/]*manifest[^/]*$/,
    why: "SECURITY.md, names in clear: a manifest names labels and property keys, never values",
  },
];

export function needlesFor(planted: readonly Planted[]): Needle[] {
  return planted.flatMap(({ name, text }) => formsOf(text).map((bytes) => ({ what: name, bytes })));
}

/** Splits what was found into what a rule allows, by rule, and the rest. */
export function judgeSightings(sightings: readonly Sighting[]): {
  readonly leaks: readonly Sighting[];
  readonly allowed: ReadonlyMap<Rule, readonly Sighting[]>;
} {
  const ruleOf = ({ planted, place }: Sighting): Rule | undefined =>
    rules.find((rule) => rule.kinds.includes(planted.kind) && rule.place.test(place));
  const byRule = Map.groupBy(sightings, ruleOf);
  const leaks = byRule.get(undefined) ?? [];
  byRule.delete(undefined);
  return { leaks, allowed: byRule as ReadonlyMap<Rule, readonly Sighting[]> };
}

import { expect, it } from "vitest";
import type { Index, IndexOption } from "../observation.ts";
import { wordsFor } from "./lookups.ts";
import type { Samples } from "./samples.ts";

const samples = { of: () => [{ body: "a Harbour" }] } as unknown as Samples;

function index(options: Record<string, Record<string, IndexOption>>): Index {
  const fields = { body: ["FULLTEXT"] };
  return { entity: "NODE", label: "Document", fields, stopwords: ["das"], language: "german", options };
}

it("asks for a stopword, but not where a field is phonetic: there it finds what sounds alike", () => {
  const wordsAsked = (options: Parameters<typeof index>[0]): string[] =>
    wordsFor([index(options)], samples).map(({ word }) => word);
  expect(wordsAsked({ body: { weight: 2 } })).toEqual(["Harbour", "das"]);
  expect(wordsAsked({ body: { phonetic: true } })).toEqual(["Harbour"]);
});

import { expect, it } from "vitest";
import { mustList, type RetentionSetup } from "./retention-setup.ts";

/** Codes of the findings about a system that lists `listed`, of which only the first is expected. */
async function found(capabilities: readonly string[], listed: readonly string[]): Promise<string[]> {
  const codes: string[] = [];
  const setup = {
    drill: { id: "conformance/failed-backup", record: { finding: ({ code }: { code: string }) => codes.push(code) } },
    system: { capabilities: new Set(capabilities), list: () => Promise.resolve(listed.map((id) => ({ id }))) },
  };
  await mustList(setup as unknown as RetentionSetup, new Set(listed.slice(0, 1)), "what it listed before");
  return codes;
}

it("a slash in a restore point means an increment only for a system that makes increments", async () => {
  expect(await found(["incremental"], ["full", "full/increment"])).toEqual([]);
  expect(await found([], ["daily/1", "daily/2"])).toEqual(["retention-list-differs"]);
});

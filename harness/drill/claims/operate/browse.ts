// A look into a backup must show what its source held when that backup was made.
import type { BrowsedBackup } from "../../../vault/browse/browse.ts";
import { ownCommand } from "../own-command.ts";
import type { RetentionSetup } from "../retention/retention-setup.ts";
import { laterGraph, type OperatedBackup, type OperatedVault } from "./operated-vault.ts";
import { storedPoints } from "./vault-files.ts";

export async function looksInto(setup: RetentionSetup, { old, base }: OperatedVault): Promise<void> {
  await looksIntoOne(setup, old, 0);
  await looksIntoOne(setup, base, 1);
}

/** `nodes` is how many nodes of this backup have the uuid that the second backup was the first to have. */
async function looksIntoOne(setup: RetentionSetup, { id, graphs }: OperatedBackup, nodes: number): Promise<void> {
  const { drill, vault } = setup;
  drill.progress.step(`look into ${id}`);
  const words = ["vault", "browse", id, "--vault", vault, "--keys", `${vault}-keys`, "--json"];
  const said = JSON.parse(await ownCommand(setup, [...words, "--counts", "--uuid", "later-2"])) as BrowsedBackup;
  drill.record.witness("backupsBrowsed", 1);
  const cutMs = (await storedPoints(vault)).find((point) => point.id === id)?.atMs;
  const line = (graph: string, size: { nodes: number; edges: number }): string =>
    `${graph}: ${size.nodes} nodes, ${size.edges} edges`;
  const later = said.graphs?.find(({ name }) => name === laterGraph);
  const facts: readonly (readonly [what: string, said: unknown, held: unknown])[] = [
    ["its id", said.id, id],
    ["its cut", Date.parse(said.at), cutMs],
    [
      "its graphs",
      said.graphs?.map((graph) => line(graph.name, graph)).toSorted(),
      [...graphs].map(([graph, size]) => line(graph, size)).toSorted(),
    ],
    ["nodes with the uuid later-2", said.found?.nodes, nodes],
    ["entities with it", said.found?.entities.map((entity) => entity.graph), Array<string>(nodes).fill(laterGraph)],
    [`nodes of the label Later`, later?.labels.map(({ name, count }) => `${name} ${count}`), later && ["Later 1"]],
  ];
  for (const [what, shown, held] of facts) {
    if (JSON.stringify(shown) === JSON.stringify(held)) continue;
    drill.record.finding({
      code: "browse-differs",
      severity: "error",
      subject: id,
      message: `a look into ${id} shows of ${what} ${JSON.stringify(shown)}, and its source held ${JSON.stringify(held)}`,
      evidence: { shown, held },
    });
  }
}

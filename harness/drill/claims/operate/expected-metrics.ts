// What a monitor has to say of a vault and its replica, from their files and from what was done to them.
import { laterGraph, type OperatedVault } from "./operated-vault.ts";
import { bytesIn, storedPoints } from "./vault-files.ts";

type Labels = Readonly<Record<string, string>>;

export const near = { vault: "near", region: "here" };
export const far = { vault: "far", region: "there" };

/** Values by series, as a scrape shows them. */
export async function expectedMetrics(
  vault: string,
  { far: replica, old, base, damaged }: OperatedVault,
): Promise<ReadonlyMap<string, number>> {
  const points = await storedPoints(vault);
  const replicated = await storedPoints(replica);
  const at = (id: string): number => (points.find((point) => point.id === id)?.atMs ?? Number.NaN) / 1000;
  const increment = points.find(({ id }) => id.startsWith(`${base.id}/`))?.id ?? "";
  const provenAt = (points.find(({ id }) => id === old.id)?.judged?.atMs ?? Number.NaN) / 1000;
  const expected = new Map<string, number>();
  const say = (name: string, value: number, labels: Labels = {}, of: Labels = near): void => {
    expected.set(seriesName(name, { ...of, ...labels }), value);
  };
  say("vault_up", 1);
  // The newest backup is damaged, and a verify found that.
  say("vault_newest_restore_point_timestamp_seconds", at(increment));
  say("vault_oldest_restore_point_timestamp_seconds", at(old.id));
  say("vault_any_moment_since_timestamp_seconds", at(base.id));
  say("vault_newest_backup_timestamp_seconds", at(damaged.id));
  say("vault_newest_backup_stored_bytes", await bytesIn(`${vault}/backups/${damaged.id}`, /\/part-\d+\./));
  say("vault_stored_bytes", await bytesIn(vault, /./));
  say("vault_problems", 0);
  const states = { proven: 0, loaded: 1, unproven: 2, faulty: 1, doubtful: 0, damaged: 0 };
  for (const [state, count] of Object.entries(states)) say("vault_restore_points", count, { state });
  // A verify loads a backup, which is no comparison with the source; and no verify of a good one has seen the later graph.
  for (const depth of ["property", "loaded"]) say("vault_restore_proven_timestamp_seconds", 0, { depth });
  say("vault_proven_restore_point_timestamp_seconds", 0, { depth: "property" });
  say("vault_proven_restore_point_timestamp_seconds", at(old.id), { depth: "loaded" });
  say("vault_graphs", damaged.graphs.size);
  say("vault_graphs_hidden", 0);
  for (const [graph, { nodes, edges }] of damaged.graphs) {
    const named = { graph, database: "0" };
    say("graph_nodes", nodes, named);
    say("graph_edges", edges, named);
    say("restore_proven_timestamp_seconds", 0, { ...named, depth: "property" });
    say("restore_proven_timestamp_seconds", graph === laterGraph ? 0 : provenAt, { ...named, depth: "loaded" });
  }
  for (const name of ["vault_backups_begun_total", "vault_backups_total", "vault_backup_duration_seconds_count"])
    say(name, 3);
  say("vault_backups_removed_total", 0);
  for (const result of ["proven", "wrong"]) say("vault_proofs_total", 1, { result });

  const farNewest = Math.max(...replicated.map(({ atMs }) => atMs)) / 1000;
  say("vault_newest_restore_point_timestamp_seconds", farNewest, {}, far);
  say("replica_lag_seconds", Math.round(1000 * (at(increment) - farNewest)) / 1000, { replica_of: near.vault }, far);
  const behind = points.filter(({ id }) => !replicated.some((point) => point.id === id)).length;
  say("replica_divergences", behind, { replica_of: near.vault, kind: "behind" }, far);
  return expected;
}

function seriesName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `falkordrill_${name}{${pairs.join(",")}}`;
}

/** Values of a scrape by their series. */
export function seriesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

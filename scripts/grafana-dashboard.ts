// monitoring/grafana/falkordrill.json: the dashboard for Grafana, written from a short list of panels. `npm run docs` writes it.

type Unit = "s" | "bytes" | "short" | "bool";

/** Where it stands. */
export const grafanaFile = "monitoring/grafana/falkordrill.json";

export interface Panel {
  readonly title: string;
  readonly kind: "stat" | "timeseries" | "table";
  readonly unit: Unit;
  /** What the numbers do not say. */
  readonly description?: string;
  /** Queries, by their legend. */
  readonly queries: Readonly<Record<string, string>>;
}

const vault = 'vault=~"$vault"';
const age = (metric: string, more = ""): string => `time() - (falkordrill_${metric}{${vault}${more}} != 0)`;
const named = "{{vault}} {{region}}";

/** In rows of a heading each; the first asks what matters most. */
export const dashboardRows: Readonly<Record<string, readonly Panel[]>> = {
  "Would a restore work?": [
    {
      title: "Since a restore of every graph was proven",
      kind: "stat",
      unit: "s",
      description: "A vault that was never proven is not here, but to the right.",
      queries: {
        [`${named} to the property`]: age("vault_restore_proven_timestamp_seconds", ',depth="property"'),
        [`${named} loaded`]: age("vault_restore_proven_timestamp_seconds", ',depth="loaded"'),
      },
    },
    {
      title: "Graphs never proven",
      kind: "stat",
      unit: "short",
      queries: {
        [`${named} {{depth}}`]: `sum by (vault, region, depth) (falkordrill_restore_proven_timestamp_seconds{${vault}} == bool 0)`,
      },
    },
    {
      title: "Firing alerts",
      kind: "stat",
      unit: "short",
      queries: { firing: 'count(ALERTS{alertname=~"FalkorDrill.+",alertstate="firing"}) or vector(0)' },
    },
    {
      title: "Restore points by what is known of them",
      kind: "timeseries",
      unit: "short",
      queries: { [`${named} {{state}}`]: `falkordrill_vault_restore_points{${vault}}` },
    },
    {
      title: "Proofs of the last seven days",
      kind: "timeseries",
      unit: "short",
      queries: { [`${named} {{result}}`]: `increase(falkordrill_vault_proofs_total{${vault}}[7d])` },
    },
    {
      title: "Graphs, the least proven first",
      kind: "table",
      unit: "s",
      queries: {
        "{{vault}} {{graph}}": `sort_desc(time() - falkordrill_restore_proven_timestamp_seconds{${vault},depth="loaded"})`,
      },
    },
  ],
  "What would be lost?": [
    {
      title: "Age of the newest restore point",
      kind: "timeseries",
      unit: "s",
      queries: {
        [named]: age("vault_newest_restore_point_timestamp_seconds"),
        objective: 'falkordrill_objective_seconds{objective="rpo"}',
      },
    },
    {
      title: "Age of the end of the archive",
      kind: "timeseries",
      unit: "s",
      queries: { [named]: `time() - falkordrill_vault_archive_timestamp_seconds{${vault}}` },
    },
    {
      title: "Span in which any moment can be restored",
      kind: "timeseries",
      unit: "s",
      queries: {
        [named]: `falkordrill_vault_newest_restore_point_timestamp_seconds{${vault}} - falkordrill_vault_any_moment_since_timestamp_seconds{${vault}}`,
      },
    },
    {
      title: "Second region: behind, and differences",
      kind: "timeseries",
      unit: "short",
      queries: {
        "{{vault}} behind, in seconds": `falkordrill_replica_lag_seconds{${vault}}`,
        "{{vault}} {{kind}}": `falkordrill_replica_divergences{${vault}}`,
      },
    },
  ],
  "How long does it take?": [
    {
      title: "Recovery in drills",
      kind: "timeseries",
      unit: "s",
      queries: {
        "{{scenario}}": "falkordrill_drill_rto_seconds",
        objective: 'falkordrill_objective_seconds{objective="rto"}',
      },
    },
    {
      title: "Backups of the last day, 95th percentile",
      kind: "timeseries",
      unit: "s",
      queries: {
        [named]: `histogram_quantile(0.95, sum by (le, vault, region) (increase(falkordrill_vault_backup_duration_seconds_bucket{${vault}}[1d])))`,
      },
    },
    {
      title: "Verdicts of drills",
      kind: "table",
      unit: "bool",
      queries: { "{{scenario}} {{verdict}}": "falkordrill_drill_verdict == 1" },
    },
    {
      title: "Since a drill passed",
      kind: "timeseries",
      unit: "s",
      queries: { "{{scenario}}": "time() - (falkordrill_drill_passed_timestamp_seconds != 0)" },
    },
  ],
  "What runs out?": [
    {
      title: "Hours until a disk is full, by its last hour",
      kind: "timeseries",
      unit: "short",
      description: "No line: it does not fill.",
      queries: { "{{disk}}": "falkordrill_disk_free_bytes / -(deriv(falkordrill_disk_free_bytes[1h]) < 0) / 3600" },
    },
    {
      title: "Free on disks",
      kind: "timeseries",
      unit: "bytes",
      queries: { "{{disk}}": "falkordrill_disk_free_bytes" },
    },
    {
      title: "Size of the vault, and of a full backup",
      kind: "timeseries",
      unit: "bytes",
      queries: {
        [named]: `falkordrill_vault_stored_bytes{${vault}}`,
        [`${named} newest backup`]: `falkordrill_vault_newest_backup_stored_bytes{${vault}}`,
      },
    },
    {
      title: "The next prune removes",
      kind: "timeseries",
      unit: "short",
      queries: { [named]: `falkordrill_vault_next_deletions{${vault}}` },
    },
    {
      title: "Until a key expires",
      kind: "table",
      unit: "s",
      queries: { "{{vault}} {{role}} {{key}}": `falkordrill_key_expiry_timestamp_seconds{${vault}} - time()` },
    },
    {
      title: "Until the first object lock ends",
      kind: "stat",
      unit: "s",
      queries: { [named]: `falkordrill_vault_object_lock_end_timestamp_seconds{${vault}} - time()` },
    },
  ],
};

const width = 8;
const height = 8;
const source = { type: "prometheus", uid: "${source}" };

/** The dashboard as JSON, as it must stand in its file. */
export function grafanaDashboard(): string {
  let y = 0;
  let id = 0;
  const panels = Object.entries(dashboardRows).flatMap(([heading, row]) => {
    const head = { id: ++id, type: "row", title: heading, collapsed: false, gridPos: { x: 0, y: y++, w: 24, h: 1 } };
    const placed = row.map((panel, at) => {
      const gridPos = { x: (at % 3) * width, y: y + Math.floor(at / 3) * height, w: width, h: height };
      return Object.assign({ id: ++id }, drawn(panel), { gridPos });
    });
    y += Math.ceil(row.length / 3) * height;
    return [[head], placed].flat();
  });
  const dashboard = {
    uid: "falkordrill",
    title: "FalkorDrill: backups and their proofs",
    tags: ["falkordrill", "backup"],
    schemaVersion: 39,
    refresh: "1m",
    time: { from: "now-7d", to: "now" },
    templating: {
      list: [
        { name: "source", type: "datasource", query: "prometheus" },
        {
          name: "vault",
          type: "query",
          datasource: source,
          query: "label_values(falkordrill_vault_up, vault)",
          multi: true,
          includeAll: true,
          allValue: ".*",
          current: { text: "All", value: "$__all" },
          refresh: 2,
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function drawn({ title, kind, unit, description, queries }: Panel): object {
  // A table shows what is so now.
  const shown = kind === "table" ? { instant: true, format: "table" } : {};
  const targets = Object.entries(queries).map(([legendFormat, expr], at) =>
    Object.assign({ refId: String.fromCodePoint(65 + at), expr, legendFormat }, shown),
  );
  return {
    type: kind,
    title,
    ...(description === undefined ? {} : { description }),
    datasource: source,
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets,
  };
}

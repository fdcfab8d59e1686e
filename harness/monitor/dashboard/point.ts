// One restore point: what its signed records say of it, read from the vault when the page is asked for.
import { shellWord } from "../../base/invocation.ts";
import { formatBytes, formatCount, formatDuration } from "../../base/units.ts";
import { html, type Markup } from "../../../reports/html/markup.ts";
import { pairs, part, replayBox } from "../../../reports/html/parts.ts";
import type { Keyring } from "../../vault/keys/keyring.ts";
import { segmentFolder } from "../../vault/chain/segments.ts";
import type { Manifest } from "../../vault/store/manifest.ts";
import type { Store } from "../../vault/store/store.ts";
import { readValidation, type Validation } from "../../vault/store/validation.ts";
import { backupFolder, baseOf, numberOf, readManifest } from "../../vault/store/vault.ts";
import type { PointRow } from "../vault/point-row.ts";
import { plainLead, wideTable } from "./frame.ts";
import { lockText, stateSign, stateWords } from "./points.ts";
import { age, ageText, utc } from "./words.ts";

const graphsMax = 200;

export interface PointDetail {
  readonly where: string;
  readonly manifest: Manifest;
  readonly proof: Validation | undefined;
}

export async function readPoint(store: Store, keyring: Keyring, row: PointRow): Promise<PointDetail> {
  const base = baseOf(row.id);
  const folder = row.kind === "full" ? backupFolder(base) : segmentFolder(base, numberOf(row.id));
  const [manifest, proof] = await Promise.all([
    readManifest(store, base, keyring),
    readValidation(store, folder, keyring),
  ]);
  return { where: store.where, manifest, proof };
}

export interface PointPage {
  readonly vault: string;
  readonly row: PointRow;
  /** The other restore points of its chain. */
  readonly chain: readonly PointRow[];
  /** Undefined where the vault did not answer. */
  readonly detail: PointDetail | undefined;
  readonly why?: string;
}

export function pointPage({ vault, row, chain, detail, why }: PointPage, nowMs: number): Markup {
  const { id, atMs, kind } = row;
  return html`${plainLead(id, html`${kind === "full" ? "A full backup" : "An increment"} of ${age(atMs, nowMs)} ago in <a href="/points?vault=${encodeURIComponent(vault)}">${vault}</a>`)}
  ${why !== undefined && html`<p class="missed" role="alert">Its records could not be read: ${why}</p>`}
  ${part(
    "state",
    "State",
    "",
    html`<p>${stateSign(row.state)}</p>
      ${pairs(stateFigures(row, chain, nowMs))}`,
  )}
  ${detail === undefined ? "" : [proofPart(detail.proof, nowMs), contentPart(detail.manifest), sourcePart(detail.manifest), commandPart(detail.where, row)]}`;
}

function stateFigures(row: PointRow, chain: readonly PointRow[], nowMs: number): { name: string; value: string }[] {
  const increments = chain.filter(({ kind }) => kind === "increment");
  const reach =
    increments[0] === undefined
      ? "no increment depends on it"
      : `${formatCount(increments.length)}, until ${utc(increments[0].atMs)}`;
  return [
    { name: "moment", value: utc(row.atMs) },
    { name: "in the vault", value: formatBytes(row.bytes) },
    { name: "locked until", value: lockText(row.lockedUntilMs, nowMs) },
    { name: "pinned", value: row.pinned ?? "–" },
    { name: "doubt", value: row.doubt ?? "–" },
    row.kind === "full" ? { name: "increments", value: reach } : { name: "increment of", value: baseOf(row.id) },
  ];
}

function proofPart(proof: Validation | undefined, nowMs: number): Markup {
  const about = html`<p>What a verify or a proof recorded, signed.</p>`;
  if (proof === undefined)
    return part("proof", "Proof", about, html`<p class="quiet">No proof or verify of it is on record.</p>`);
  const depth =
    proof.offset === undefined
      ? "loaded, and compared with what it says of itself"
      : "every property compared with the source";
  return part("proof", "Proof", about, [
    html`<p>
      ${proof.ok ? "Found good" : "Found wrong"} ${age(Date.parse(proof.at), nowMs)} ago (${utc(Date.parse(proof.at))}):
      ${depth}.
    </p>`,
    proof.problems.length > 0 &&
      html`<ul class="records">
        ${proof.problems.map((line) => html`<li class="missed">${line}</li>`)}
      </ul>`,
    proof.phases.length > 0 && pairs(proof.phases.map(({ name, ms }) => ({ name, value: formatDuration(ms) }))),
  ]);
}

function contentPart({ content, id }: Manifest): Markup {
  const about = html`<p>According to the snapshot of ${id} itself.</p>`;
  if (content === null)
    return part("content", "Graphs", about, html`<p class="quiet">The snapshot was not understood.</p>`);
  const { graphs, schemas } = content;
  const rows = graphs.slice(0, graphsMax).map(({ name, database = 0, nodes, edges, schema }) => {
    const { labels = [], types = [], propertyKeys = [] } = schemas[schema] ?? {};
    return [name, database, formatCount(nodes), formatCount(edges), labels.length, types.length, propertyKeys.length];
  });
  const columns = [["Graph"], ["Database", "num"], ["Nodes", "num"], ["Edges", "num"]] as const;
  const more = [
    ["Labels", "num"],
    ["Types", "num"],
    ["Properties", "num"],
  ] as const;
  return part("content", "Graphs", about, [
    rows.length === 0
      ? html`<p class="quiet">It holds no graph.</p>`
      : wideTable("Graphs", [...columns, ...more], rows),
    graphs.length > rows.length && html`<p class="small quiet">${formatCount(graphs.length - rows.length)} more.</p>`,
  ]);
}

function sourcePart({
  cut,
  source,
  tool,
  rawBytes,
  storedBytes,
  parts,
  encryption,
  compression,
  createdAt,
}: Manifest): Markup {
  const tookMs = Date.parse(createdAt) - Date.parse(cut.at);
  return part(
    "source",
    "Backup",
    html`<p>Of the full backup that a restore begins with.</p>`,
    pairs([
      { name: "cut", value: `${cut.at}, offset ${cut.offset}` },
      { name: "manifest", value: `${ageText(tookMs)} after the cut` },
      { name: "snapshot", value: formatBytes(rawBytes) },
      { name: "stored", value: `${formatBytes(storedBytes)} in ${parts.length} parts` },
      { name: "source", value: `Redis ${source.redis}, FalkorDB ${source.module}` },
      { name: "encryption", value: encryption.profile },
      { name: "compression", value: `${compression.format}, level ${compression.level}` },
      { name: "made by", value: tool },
    ]),
  );
}

function commandPart(where: string, row: PointRow): Markup {
  const vault = `--vault ${shellWord(where)}`;
  const moment = row.kind === "full" ? row.id : `--at ${row.id}`;
  return part("commands", "Commands", html`<p>To be typed where the keys are.</p>`, [
    html`<div>
      ${row.kind === "full" && replayBox(`falkordrill vault browse ${row.id} ${vault} --counts --uuid UUID`, "a look inside")}
      ${replayBox(`falkordrill vault verify ${baseOf(row.id)} ${vault}`, "a verify")}
      ${replayBox(`falkordrill vault restore ${moment} ${vault} --to redis://127.0.0.1:6379`, "a restore")}
    </div>`,
    row.kind === "full" &&
      html`<p class="quiet small">
        What this page says of its graphs is in the signed manifest. Values are encrypted, and the monitor opens none: a
        look inside shows one entity by its uuid, and the nodes of each label, where a recipient's secret key is.
      </p>`,
    row.state === "faulty" && html`<p class="missed">A restore refuses what is ${stateWords.faulty}.</p>`,
  ]);
}

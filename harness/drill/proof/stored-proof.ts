// What the system under test stored of the generated graphs, as the bytes on the disk show, whatever the system
// reports.
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readKey } from "openpgp";
import type { Dataset } from "../../../generators/model.ts";
import type { Drill } from "../drill.ts";
import { judgeStoredAndRecord } from "../../record/judgement.ts";
import { readStored } from "./read-stored.ts";
import type { Needle } from "../../base/files/search-file.ts";
import { formsOf } from "../../base/files/text-forms.ts";
import type { Content } from "../steps/generate.ts";
import type { CycleSetup } from "../steps/prepare.ts";

const nodesMax = 4;
const textMin = 16;
const textMax = 48;

export async function proveStored(drill: Drill, { system, vault }: CycleSetup, { dataset }: Content): Promise<void> {
  if (!system.capabilities.has("encrypted")) {
    drill.record.notCovered("stored bytes: the system does not say that it encrypts");
    return;
  }
  const needles = needlesOf(dataset);
  const files = await storedFiles(vault, needles, drill.signal);
  const isVault = system.capabilities.has("vault");
  if (!isVault && files.length === 0) {
    drill.record.notCovered("stored bytes: the system keeps nothing in the drill's folder for backups");
    return;
  }
  const first = files.find(({ kind }) => kind === "message");
  judgeStoredAndRecord(drill, "target-stored", {
    // One of thousands of valid messages is enough.
    files: files.filter((file) => file === first || file.kind !== "message" || !isLike(file, first)),
    ...(isVault && { recipients: await recipientsOf(`${vault}-keys`) }),
    canaries: needles.length,
  });
}

/** Also what lies next to the folder for backups, such as a temporary file; apart from the keys of a vault. */
async function storedFiles(vault: string, needles: readonly Needle[], signal: AbortSignal): Promise<File[]> {
  const files = await readStored(dirname(vault), needles, signal);
  const inside = `${basename(vault)}/`;
  return files.flatMap((file) => {
    if (file.path.startsWith(`${basename(vault)}-keys/`)) return [];
    const isInside = file.path.startsWith(inside);
    return Object.assign({}, file, { path: isInside ? file.path.slice(inside.length) : `../${file.path}` });
  });
}

type File = Awaited<ReturnType<typeof readStored>>[number];

function isLike(file: File, other: File | undefined): boolean {
  if (file.isUnprotected !== other?.isUnprotected) return false;
  return file.found.length === 0 && JSON.stringify(file.recipients) === JSON.stringify(other?.recipients);
}

/** Key ids of the encryption keys in the key ring's folder, read from its files. */
async function recipientsOf(folder: string): Promise<string[]> {
  // A missing key ring has no recipients, so anything encrypted is for an unknown key.
  const entries = await readdir(folder).catch(() => []);
  const names = entries.filter((name) => /^recipient-.*\.public\.asc$/.test(name));
  return await Promise.all(
    names.map(async (name) => {
      const key = await readKey({ armoredKey: await readFile(join(folder, name), "utf8") });
      return (await key.getEncryptionKey()).getKeyID().toHex();
    }),
  );
}

/**
 * Texts and uuids of a few nodes in the forms in which they could be stored, and the first bytes of any dump of an
 * engine. Names of graphs, which are also their group ids, may appear in a manifest in plain form.
 */
export function needlesOf(dataset: Dataset): Needle[] {
  const needles: Needle[] = [
    { what: "a dump of the engine", bytes: Buffer.from("REDIS0") },
    { what: "a secret key", bytes: Buffer.from("BEGIN PGP PRIVATE KEY") },
  ];
  const graphs = new Set([...dataset.graphs()].map(({ name }) => name));
  let nodes = 0;
  for (const plan of dataset.graphs())
    for (let part = 0; part < nodesMax && nodes < nodesMax && plan.counts.nodes > 0; part += 1, nodes += 1) {
      const { properties } = plan.node(Math.floor((plan.counts.nodes * part) / nodesMax));
      for (const [name, value] of Object.entries(properties)) {
        if (typeof value !== "string" || value.trim().length < textMin || graphs.has(value)) continue;
        const what = `${name} of a node of ${plan.name}`;
        const text = value.trim().slice(0, textMax).toWellFormed();
        for (const bytes of storedFormsOf(text, name === "uuid")) needles.push({ what, bytes });
      }
    }
  return needles;
}

/** A uuid also as its digits alone, as 16 bytes, and in upper case. */
function storedFormsOf(text: string, isUuid: boolean): Buffer[] {
  if (!isUuid) return formsOf(text);
  const hex = text.replaceAll("-", "");
  return [...formsOf(text), Buffer.from(text.toUpperCase()), Buffer.from(hex), Buffer.from(hex, "hex")];
}

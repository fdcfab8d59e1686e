// `falkordrill diff <a> <b>`: two graphs, each of a server, an RDB file or a restore point.
import type { Command } from "commander";
import { exitCodes } from "../../base/errors.ts";
import { oneLine } from "../../base/one-line.ts";
import { diffServers } from "../../diff/diff-servers.ts";
import { type GraphSource, graphSourceForms, openGraphSource } from "../../diff/graph-source.ts";
import { diffLines } from "./diff-lines.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "../server-flags.ts";
import { givenVault, keyringOf, type VaultFlags } from "../vault/options.ts";
import { linePrinter, stoppable } from "../vault/progress.ts";
import { isolatedEngines } from "../vault/server.ts";
import { isS3Url } from "../../vault/store/s3/s3-place.ts";
import { openVault } from "../../vault/store/vault.ts";

interface DiffFlags extends ServerFlags, Omit<VaultFlags, "vault"> {
  readonly graph?: string;
  readonly engine: string;
}

export function registerDiff(program: Command): void {
  const command = program
    .command("diff")
    .description("two graphs, to the property: what one holds and the other does not")
    .argument("<a>", `what should be there: ${graphSourceForms}`)
    .argument("<b>", "what is compared with it, in the same form")
    .option("--graph <name>", "only this graph; a=b where it has another name in B")
    .option("--engine <kind>", "that RDB files and backups are loaded into: auto, embedded, container", "auto")
    .option("--endpoint <url>", "of a vault on an S3 store that is not Amazon's (default: AWS_ENDPOINT_URL)")
    .option("--region <name>", "of its bucket")
    .option("--keys <dir>", "folder of a vault's key ring (default: <vault>-keys; needed for s3://)")
    .option("--passphrase-file <file>", "file that holds the passphrase of the secret keys")
    .option("--passphrase-fd <n>", "file descriptor to read that passphrase from")
    .option("--json", "print one JSON document");
  addServerFlags(command).action(diff);
}

async function diff(a: string, b: string, flags: DiffFlags): Promise<void> {
  const engines = isolatedEngines(flags.engine);
  const overrides = await overridesOf(flags);
  await stoppable(async (signal) => {
    const progress = linePrinter();
    const options = {
      engines,
      overrides,
      vaultOf: async (vault: string) => {
        const own = vaultFlags(flags, vault);
        return { store: await openVault(givenVault(own)), keyring: await keyringOf(own) };
      },
      progress,
      signal,
    };
    await using first: GraphSource = await openGraphSource(a, options);
    await using second: GraphSource = await openGraphSource(b, options);
    const found = await diffServers(
      { a: first.endpoint, b: second.endpoint },
      { graph: pairsIn(flags.graph), progress, signal },
    );
    const names = { a: first.name, b: second.name };
    const lines = diffLines(names, found).map(oneLine);
    process.stdout.write(
      flags.json === true ? `${JSON.stringify({ ...names, ...found }, undefined, 2)}\n` : `${lines.join("\n")}\n`,
    );
    process.exitCode = found.equal ? exitCodes.pass : exitCodes.dataWrong;
  });
}

/** The other side may be a folder, or no vault at all. */
function vaultFlags(flags: DiffFlags, vault: string): VaultFlags {
  const { endpoint: _endpoint, region: _region, ...own } = flags;
  return { ...(isS3Url(vault) ? flags : own), vault };
}

/** The pairs of names that `name` or `name=other` may mean: a name may hold a `=` itself. */
function pairsIn(text: string | undefined): { readonly a: string; readonly b: string }[] | undefined {
  if (text === undefined) return undefined;
  const cuts = Array.from(text.matchAll(/=/g), ({ index }) => ({ a: text.slice(0, index), b: text.slice(index + 1) }));
  return [{ a: text, b: text }, ...cuts];
}

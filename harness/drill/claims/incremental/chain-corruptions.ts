// Chains corrupted in every way of mutilate-chain.ts, each in a copy of one vault: refused with the code of the defect,
// and without starting an engine. The intact vault next to them is restored.
import type { FindingCode } from "../../../base/findings/finding-codes.ts";
import { cp } from "node:fs/promises";
import type { Finding } from "../../../check/check.ts";
import { DrillError, errorMessage } from "../../../base/errors.ts";
import type { EngineProvider } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { keyringFolder, referenceSystem } from "../../../system/reference/reference.ts";
import { openVault } from "../../../vault/store/vault.ts";
import type { Drill } from "../../drill.ts";
import { vaultFolder } from "../../guard/system-under-test.ts";
import { mutilations, readSegmentFolder } from "./mutilate-chain.ts";
import { incrementalSystem, type Link, proveLink, smallSource, takeIncrement } from "./small-source.ts";

const otherIncrements = 2;
const increments = 3;

export async function refusesBadChains(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { progress, signal, record } = drill;
  const source = await smallSource(drill, resources);
  await using connection = await connect(source.endpoint);
  const chain = async (folder: string, count: number): Promise<Link[]> => {
    const system = await incrementalSystem(drill, resources, folder);
    await system.backup({ source, coordinator: undefined, progress, signal });
    const links: Link[] = [];
    for (let number = 1; number <= count; number += 1) {
      await connection.query("writes", "UNWIND range(1, 50) AS i CREATE (:Write {i: i, r: rand()})");
      links.push(await takeIncrement(drill, system, source, `increment ${number}`));
    }
    return links;
  };
  const folder = await vaultFolder(drill, resources);
  const strangeFolder = `${folder}-strange`;
  const strange = (await chain(strangeFolder, otherIncrements)).at(-1);
  const other = (await chain(folder, otherIncrements)).at(-1);
  const last = (await chain(folder, increments)).at(-1);
  if (last === undefined || other === undefined || strange === undefined)
    throw new DrillError("no increment was made", { exit: "inconclusive" });
  await proveLink(drill, await incrementalSystem(drill, resources, folder), last);
  const keys = keyringFolder(folder);
  const keyring = new Keyring(keys);
  const stranger = await readSegmentFolder(await openVault(strangeFolder), strange.increment.base, otherIncrements);
  for (const [index, { name, code, inflict }] of mutilations.entries()) {
    progress.step(`a chain that is ${name}`);
    const vault = `${folder}-${index}`;
    await cp(folder, vault, { recursive: true });
    const { base } = last.increment;
    await inflict({ store: await openVault(vault), keyring, base, other: other.increment.base, stranger });
    await using system = await referenceSystem({ vault, keys, profile: "interop" });
    const engines = new CountedEngines(drill.engines);
    const answer = await system.restore({ point: base, at: "latest", way: "file", engines, progress, signal }).then(
      async ({ target }) => target[Symbol.asyncDispose](),
      (error: unknown) => ({ error }),
    );
    const refused = answer === undefined ? undefined : answer.error;
    for (const finding of judgeRefusal(name, code, refused, engines.started)) record.finding(finding);
    record.witness("badChainsTried", 1);
  }
  record.requireWitnesses("badChainsTried", "linksRestored");
}

/**
 * `refused`: error of the restore of a corrupt chain, undefined if it succeeded; `started`: number of engines it
 * started.
 */
export function judgeRefusal(name: string, code: string, refused: unknown, started: number): Finding[] {
  const wrong = (findingCode: FindingCode, message: string, evidence: Finding["evidence"]): Finding => ({
    code: findingCode,
    severity: "error",
    subject: name,
    message: `a chain that is ${name} ${message}`,
    evidence,
  });
  if (refused === undefined)
    return [wrong("bad-chain-restored", "was restored as if it were whole", { expected: code })];
  const given = refused instanceof DrillError ? refused.findingCode : undefined;
  const evidence = { expected: code, given: given ?? null, message: errorMessage(refused) };
  return [
    ...(given === code
      ? []
      : [wrong("bad-chain-misnamed", `was refused as ${given ?? "nothing in particular"}, not as ${code}`, evidence)]),
    ...(started === 0
      ? []
      : [wrong("bad-chain-begun", "was refused only after an engine had been started", { started })]),
  ];
}

class CountedEngines implements EngineProvider {
  readonly kind: EngineProvider["kind"];
  started = 0;
  readonly #engines: EngineProvider;

  constructor(engines: EngineProvider) {
    this.#engines = engines;
    this.kind = engines.kind;
  }

  unavailable(): Promise<string | undefined> {
    return this.#engines.unavailable();
  }

  start(options?: Parameters<EngineProvider["start"]>[0]): ReturnType<EngineProvider["start"]> {
    this.started += 1;
    return this.#engines.start(options);
  }
}

// The hot pieces, each alone in this process: generating, encoding, fingerprinting, compressing, encrypting.
import { createHash } from "node:crypto";
import * as openpgp from "openpgp";
import { median } from "simple-statistics";
import { Bench } from "tinybench";
import { dataset } from "../../generators/dataset.ts";
import type { Dataset } from "../../generators/model.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { encodeHere } from "../falkordb/load/bulk-load.ts";
import { compress, decompress } from "../vault/parts/compression.ts";
import { seal, unseal } from "../vault/parts/seal.ts";
import { calibrate } from "./calibration.ts";
import { type BenchRow, row } from "./rows.ts";
import { Series } from "./series.ts";

const records = { nodes: 20_000, seed: 1, dims: 0, shape: "large", variant: "clean", schema: "post1856" } as const;
const blockBytes = 8 * 2 ** 20;

interface Piece {
  readonly name: string;
  readonly unit: "per s" | "MiB/s";
  /** Records or MiB of one call. */
  readonly amount: number;
  readonly call: () => unknown;
}

/** `timeMs` is how long each piece is measured. */
export async function benchmarkPieces(timeMs: number): Promise<BenchRow[]> {
  const pieces = await allPieces();
  // Few iterations: the long pieces are steady, and tinybench would otherwise insist on 64 of each.
  const bench = new Bench({ time: timeMs, iterations: 3, warmupTime: 0, warmupIterations: 1 });
  const yardstick = new Series();
  for (const { name, call } of pieces) {
    // Right before each call, so that both meet the same machine.
    bench.add(name, async () => void (await call()), { beforeEach: () => yardstick.add(name, calibrate()) });
  }
  await bench.run();
  return pieces.flatMap(({ name, unit, amount }) => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !("latency" in result)) throw new Error(`${name} was not measured`);
    const { p50 } = result.latency;
    return [
      row(name, unit, [(amount / p50) * 1000]),
      row(`${name}, calibrated`, "x", [p50 / median(yardstick.get(name))], { of: "a fixed piece of work" }),
    ];
  });
}

async function allPieces(): Promise<Piece[]> {
  const content = dataset(records);
  const [plan] = content.graphs();
  if (plan === undefined) throw new Error("the dataset has no graph");
  const amount = plan.counts.nodes + plan.counts.edges;
  const perSecond = { unit: "per s", amount } as const;
  const perMiB = { unit: "MiB/s", amount: blockBytes / 2 ** 20 } as const;
  const plain = textBlock(content);
  const packed = compress(plain);
  const keys = await keysFor();
  const [interop, modern] = [keys.interop.publicKey, keys.modern.publicKey];
  const sealed = { interop: await seal(plain, [interop]), modern: await seal(plain, [modern]) };
  return [
    { name: "generate records", ...perSecond, call: () => count(plan.nodes()) + count(plan.edges()) },
    {
      name: "generate and encode for GRAPH.BULK",
      ...perSecond,
      call: () => encodeHere(plan, () => Promise.resolve()),
    },
    { name: "generate and fingerprint", ...perSecond, call: () => expectedContent(content) },
    { name: "sha256, for scale", ...perMiB, call: () => createHash("sha256").update(plain).digest() },
    { name: "compress", ...perMiB, call: () => compress(plain) },
    { name: "decompress", ...perMiB, call: () => decompress(packed, plain.length, "block") },
    { name: "encrypt, interop", ...perMiB, call: () => seal(plain, [interop]) },
    { name: "encrypt, modern", ...perMiB, call: () => seal(plain, [modern]) },
    { name: "decrypt, interop", ...perMiB, call: () => unseal(sealed.interop, [keys.interop.privateKey], "block") },
    { name: "decrypt, modern", ...perMiB, call: () => unseal(sealed.modern, [keys.modern.privateKey], "block") },
  ];
}

function count(items: Iterable<unknown>): number {
  let found = 0;
  for (const _ of items) found += 1;
  return found;
}

/** Text from the generator, as a snapshot holds it; random bytes would not compress like real data. */
function textBlock(content: Dataset): Buffer {
  const block = Buffer.alloc(blockBytes);
  let at = 0;
  while (at < blockBytes) {
    for (const plan of content.graphs()) {
      for (const { properties } of plan.nodes()) {
        if (at >= blockBytes) return block;
        at += block.write(JSON.stringify(properties), at);
      }
    }
  }
  return block;
}

interface KeyPair {
  readonly publicKey: openpgp.PublicKey;
  readonly privateKey: openpgp.PrivateKey;
}

interface Keys {
  readonly interop: KeyPair;
  readonly modern: KeyPair;
}

async function keysFor(): Promise<Keys> {
  const userIDs = [{ name: "bench" }];
  const interop = await openpgp.generateKey({ type: "ecc", curve: "curve25519Legacy", userIDs, format: "object" });
  const config = { v6Keys: true, aeadProtect: true };
  const modern = await openpgp.generateKey({ type: "curve25519", userIDs, format: "object", config });
  return { interop, modern };
}

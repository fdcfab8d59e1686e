// The encoder against a decoder of its own, written from the format's description: what goes in must come out.
import { expect, test } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { EdgeValuesPlan } from "../../../generators/plans/edge-values-plan.ts";
import {
  CypherValue,
  type DatasetOptions,
  Double,
  type EdgeRecord,
  type GraphPlan,
  type NodeRecord,
  type Value,
} from "../../../generators/model.ts";
import { DrillError } from "../../base/errors.ts";
import { type BulkBatch, BulkEncoder } from "./bulk-encoder.ts";
import { encodeHere } from "./bulk-load.ts";

const base: DatasetOptions = { seed: 1, nodes: 1200, shape: "personal", variant: "clean", dims: 3, schema: "pre1856" };

type Decoded = Value | null | Decoded[];
interface DecodedRecord {
  readonly heading: string;
  readonly source?: number;
  readonly target?: number;
  readonly properties: Record<string, Decoded>;
}

function decode(token: Buffer, of: "node" | "edge"): DecodedRecord[] {
  let at = 0;
  const text = (): string => {
    const end = token.indexOf(0, at);
    const found = token.toString("utf8", at, end);
    at = end + 1;
    return found;
  };
  const value = (): Decoded => {
    const type = token[at++];
    switch (type) {
      case 0:
        return null;
      case 1:
        return token[at++] === 1;
      case 2:
        return new Double(token.readDoubleLE((at += 8) - 8));
      case 3:
        return text();
      case 4:
        return token.readBigInt64LE((at += 8) - 8);
      case 5: {
        const length = Number(token.readBigInt64LE((at += 8) - 8));
        return Array.from({ length }, value);
      }
      default:
        throw new Error(`type ${type} at ${at - 1}`);
    }
  };
  const heading = text();
  const names = Array.from({ length: token.readUInt32LE((at += 4) - 4) }, text);
  const records: DecodedRecord[] = [];
  while (at < token.length) {
    const ends =
      of === "node"
        ? {}
        : {
            source: Number(token.readBigUInt64LE((at += 8) - 8)),
            target: Number(token.readBigUInt64LE((at += 8) - 8)),
          };
    const properties: Record<string, Decoded> = {};
    for (const name of names) {
      const found = value();
      if (found !== null) properties[name] = found;
    }
    records.push({ heading, ...ends, properties });
  }
  return records;
}

async function decoded(plan: GraphPlan): Promise<{ nodes: DecodedRecord[]; edges: DecodedRecord[] }> {
  const nodes: DecodedRecord[] = [];
  const edges: DecodedRecord[] = [];
  await encodeHere(plan, async ({ nodeTokens, edgeTokens }: BulkBatch) => {
    await Promise.resolve();
    for (const token of nodeTokens) nodes.push(...decode(token, "node"));
    for (const token of edgeTokens) edges.push(...decode(token, "edge"));
  });
  return { nodes, edges };
}

/** A value as the format carries it. */
function carried(value: Value): Decoded | undefined {
  if (typeof value === "number") return BigInt(value);
  if (value instanceof CypherValue) return undefined;
  if (value instanceof Float32Array) return Array.from(value, (x) => new Double(x));
  return Array.isArray(value) ? value.map((item: Value) => carried(item) ?? null) : value;
}

function expectedProperties({ properties }: NodeRecord | EdgeRecord): Record<string, Decoded> {
  const entries = Object.entries(properties).flatMap(([name, value]) => {
    const found = carried(value);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(entries);
}

test.each([
  ["clean", { ...base }],
  ["clean, newer schema, no vectors", { ...base, schema: "post1856", dims: 0 }],
  ["dirty", { ...base, variant: "dirty" }],
  ["empty", { ...base, shape: "team", nodes: 1000 }],
] as const)("what is written is what the plan says: %s", async (_, options) => {
  for (const plan of dataset(options).graphs()) {
    const { nodes, edges } = await decoded(plan);
    expect(nodes.map(({ heading, properties }) => ({ heading, properties }))).toEqual(
      [...plan.nodes()].map((node) => ({ heading: node.labels.join(":"), properties: expectedProperties(node) })),
    );
    expect(edges).toEqual(
      [...plan.edges()].map((edge) => ({
        heading: edge.type,
        source: edge.source,
        target: edge.target,
        properties: expectedProperties(edge),
      })),
    );
  }
});

test("edge values go through unharmed; what only Cypher can write is left out", async () => {
  const plan = new EdgeValuesPlan(400, 1);
  const { nodes, edges } = await decoded(plan);
  expect(nodes.map(({ properties }) => properties)).toEqual([...plan.nodes()].map(expectedProperties));
  expect(edges.map(({ properties }) => properties)).toEqual([...plan.edges()].map(expectedProperties));
});

test("minus zero and the smallest double keep their bits", () => {
  const [record] = roundTrip({ zero: new Double(-0), tiny: new Double(Number.MIN_VALUE) });
  // toEqual distinguishes -0 from 0.
  expect(record?.properties).toEqual({ zero: new Double(-0), tiny: new Double(Number.MIN_VALUE) });
});

test("a NUL character is refused, in long and in short texts", () => {
  for (const text of ["\0", `${"x".repeat(200)}\0`]) expect(() => roundTrip({ text })).toThrow(DrillError);
});

test("refuses a fraction that is not a Double", () => {
  expect(() => roundTrip({ n: 0.5 })).toThrow(/wrap a fraction in Double/);
  expect(() => roundTrip({ n: 2 ** 53 })).toThrow(DrillError);
});

test("a record larger than the buffer makes it grow", () => {
  const text = "ü".repeat(700_000);
  expect(roundTrip({ text })[0]?.properties["text"]).toBe(text);
});

test("a property that turns up later opens a new token, and then no more", () => {
  const encoder = new BulkEncoder(Buffer.alloc(2 ** 16), 2 ** 15);
  const node = (id: number, properties: NodeRecord["properties"]): void =>
    encoder.nodeRecord({ id, labels: ["A"], properties });
  node(0, { a: 1 });
  node(1, { b: 2 });
  node(2, { a: 3 });
  node(3, { b: 4, a: 5 });
  const batch = encoder.take();
  expect(batch?.nodeTokens).toHaveLength(2);
  const records = batch?.nodeTokens.flatMap((token) => decode(token, "node")) ?? [];
  expect(records.map(({ properties }) => properties)).toEqual([{ a: 1n }, { b: 2n }, { a: 3n }, { b: 4n, a: 5n }]);
});

function roundTrip(properties: NodeRecord["properties"]): DecodedRecord[] {
  const encoder = new BulkEncoder(Buffer.alloc(2 ** 16), 2 ** 15);
  encoder.nodeRecord({ id: 0, labels: ["A"], properties });
  return encoder.take()?.nodeTokens.flatMap((token) => decode(token, "node")) ?? [];
}

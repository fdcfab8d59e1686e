import { describe, expect, it } from "vitest";
import { decodeManifest, encodeManifest, type Manifest, partName } from "./manifest.ts";

const part = (index: number): Manifest["parts"][number] => ({
  index,
  name: partName(index),
  rawBytes: 10,
  storedBytes: 4,
  sha256: "a".repeat(64),
});
const manifest: Manifest = {
  version: 1,
  id: "20261121T120000Z-0a1b2c3d",
  tool: "falkordrill 0.1.0",
  createdAt: "2026-11-21T12:00:01.000Z",
  cut: { replid: "f".repeat(40), offset: 42, at: "2026-11-21T12:00:00.000Z" },
  parent: null,
  source: { redis: "8.2.3", module: 41_603, encver: 18, graphConfig: { CMD_INFO: "1" } },
  content: null,
  encryption: { profile: "interop", recipients: [{ name: "ops", fingerprint: "ab" }] },
  compression: { format: "zstd", level: 3 },
  rawBytes: 20,
  storedBytes: 8,
  parts: [part(0), part(1)],
};
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("the manifest", () => {
  it("is read as it was written", () => {
    expect(decodeManifest(encodeManifest(manifest), "m")).toEqual(manifest);
  });

  it.each([
    ["parts in another order", { ...manifest, parts: [part(1), part(0)] }],
    ["a part missing", { ...manifest, parts: [part(0)] }],
    ["a part twice", { ...manifest, parts: [part(0), part(0)] }],
    ["sizes that do not add up", { ...manifest, rawBytes: 21 }],
    ["a part that lies elsewhere", { ...manifest, parts: [part(0), { ...part(1), name: "../../x" }] }],
    ["an unknown field", { ...manifest, extra: 1 }],
    ["no recipients", { ...manifest, encryption: { profile: "interop", recipients: [] } }],
  ])("refuses %s", (_, changed) => {
    expect(() => decodeManifest(bytesOf(changed), "m")).toThrow("is not a manifest that can be trusted");
  });

  it("says when it is of a later version, and when it is not JSON", () => {
    expect(() => decodeManifest(bytesOf({ ...manifest, version: 2 }), "m")).toThrow("has format 2");
    expect(() => decodeManifest(Buffer.from("{"), "m")).toThrow("it is not JSON");
  });
});

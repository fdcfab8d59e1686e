// What reads bytes that others wrote: a server, a vault, a file that was given. Each has samples to begin from.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { DrillError } from "../../harness/base/errors.ts";
import { parseServerUrl } from "../../harness/base/endpoint.ts";
import { MemoryStore } from "../../harness/vault/store/memory-store.ts";
import { EffectReader } from "../../harness/falkordb/effects/graph-effects.ts";
import { incomplete, ReplyCursor } from "../../harness/falkordb/client/read-cursor.ts";
import { graphHeader } from "../../harness/falkordb/rdb/rdb-graph-header.ts";
import { RdbWalk } from "../../harness/falkordb/rdb/rdb-walk.ts";
import { CommandParser } from "../../harness/falkordb/replication/replication-commands.ts";
import { endingOf } from "../../harness/falkordb/replication/replication-snapshot.ts";
import { change, effect, value } from "../../harness/falkordb/testing/test-effects.ts";
import { expectAnswer } from "../../harness/service/admin-call.ts";
import { pauseAnswerSchema } from "../../harness/service/contract.ts";
import { unlockKey } from "../../harness/vault/keys/key-files.ts";
import type { Keyring } from "../../harness/vault/keys/keyring.ts";
import { compress, decompress } from "../../harness/vault/parts/compression.ts";
import { seal, unseal } from "../../harness/vault/parts/seal.ts";
import { decodeSegment } from "../../harness/vault/chain/segment-manifest.ts";
import { decodeManifest } from "../../harness/vault/store/manifest.ts";
import { readRecord, writeRecord } from "../../harness/vault/store/signed-record.ts";
import { readValidation } from "../../harness/vault/store/validation.ts";
import type { Store } from "../../harness/vault/store/store.ts";
import { backupFolder, backupPath } from "../../harness/vault/store/vault.ts";
import { systemClock } from "../../harness/base/clock.ts";
import { readLocks } from "../../harness/vault/locks/lock-entries.ts";

export interface FuzzTarget {
  readonly name: string;
  readonly samples: readonly Buffer[];
  /** Bytes that broke the rule once. */
  readonly crashes?: readonly Buffer[];
  /** Returns or throws; what it may throw is `expected`. */
  readonly read: (bytes: Buffer) => unknown;
  /** Errors that its caller expects, besides those with a message for people. */
  readonly expected?: (error: unknown) => boolean;
}

/** Whether an error says what is wrong with the bytes, and does not blame this program. */
export function isExplained(error: unknown): boolean {
  return error instanceof DrillError && error.exit !== "internal";
}

const chunked = (bytes: Buffer, push: (chunk: Buffer) => void): void => {
  for (let at = 0; at < bytes.length; at += 17) push(Buffer.from(bytes.subarray(at, at + 17)));
};

export function targetsWithoutKeys(): FuzzTarget[] {
  const rdb = Buffer.concat([
    Buffer.from("REDIS0012"),
    Buffer.from([0xfa, 3, 0x61, 0x62, 0x63, 1, 0x64, 0xfe, 0, 0xfb, 5, 1, 0, 1, 0x6b, 1, 0x76]),
    Buffer.from([0xfc, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0x6e, 0xc1, 1, 2, 0, 1, 0x6c, 0xc3, 3, 20, 9, 9, 9]),
    Buffer.from([4, 1, 0x68, 1, 1, 0x66, 1, 0x76, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]);
  return [
    {
      name: "an RDB file",
      samples: [rdb],
      read: (bytes) => {
        const walk = new RdbWalk();
        chunked(bytes, (chunk) => walk.push(chunk));
        return walk.summary();
      },
    },
    {
      name: "the header of a graph",
      samples: [Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x67, 0]), Buffer.alloc(80)])],
      read: graphHeader,
      // The walk of an RDB catches it, and says less.
      expected: (error) => error instanceof RangeError,
    },
    {
      name: "a replication stream",
      samples: [Buffer.from("*3\r\n$12\r\nGRAPH.EFFECT\r\n$1\r\ng\r\n$2\r\nab\r\n*1\r\n$4\r\nPING\r\n")],
      read: (bytes) => {
        const parser = new CommandParser(0, 1024);
        chunked(bytes, (chunk) => void parser.push(chunk));
        return parser.boundary;
      },
    },
    {
      name: "the payload of a GRAPH.EFFECT",
      samples: [
        effect(
          change.newKey("a"),
          change.newLabel("Entity"),
          change.createNode([0], [0, value.string("text")], [1, value.array(value.int(1), value.vector(3))]),
          change.updateEdge(2, 1, value.array(value.string(""))),
        ),
      ],
      read: (bytes) => {
        const reader = new EffectReader({ uses: () => {}, adds: () => {} });
        reader.begin(bytes.length);
        chunked(bytes, (chunk) => reader.push(chunk));
        return reader.finish();
      },
    },
    {
      name: "a reply of a server",
      samples: [Buffer.from("*2\r\n*2\r\n:17\r\n$3\r\nabc\r\n*1\r\n$-1\r\n")],
      crashes: [Buffer.from("*1\r\n".repeat(100_000))],
      read: (bytes) => {
        const cursor = new ReplyCursor();
        cursor.use(bytes, bytes.length);
        cursor.skip();
        return cursor.at;
      },
      // The stream of replies waits for more, or ends the connection with this message.
      expected: (error) => error === incomplete || (error instanceof Error && error.message.includes("in a reply")),
    },
    {
      name: "the beginning of a snapshot",
      samples: [Buffer.from(`$EOF:${"a".repeat(40)}`), Buffer.from("$1234")],
      read: (bytes) => endingOf(bytes.toString("latin1")),
    },
    {
      name: "the URL of a server",
      samples: [
        Buffer.from("rediss://user:secret@db.example:6379/0?tls-ca=ca.pem"),
        Buffer.from("unix:/run/redis.sock"),
      ],
      read: (bytes) => parseServerUrl(bytes.toString("utf8")),
    },
    {
      name: "the answer of a service",
      samples: [Buffer.from(JSON.stringify({ leaseId: "a", expiresAt: "2026-01-01T00:00:00.000Z", drainMs: 1 }))],
      read: (bytes) => {
        const json = z.json().safeParse(parsed(bytes)).data;
        return expectAnswer({ what: "POST /admin/pause-writes", status: 200, json }, pauseAnswerSchema);
      },
    },
    {
      name: "a compressed part",
      samples: [compress(Buffer.from("part ".repeat(100)))],
      read: async (bytes) => {
        const raw = await decompress(bytes, 500, "part 0");
        if (raw.length > 500) throw new RangeError("more than its manifest says");
      },
    },
    {
      name: "a manifest",
      samples: [Buffer.from('{"version":1,"id":"x","parts":[]}')],
      read: (b) => decodeManifest(b, "m"),
    },
    {
      name: "a manifest of a segment",
      samples: [Buffer.from('{"version":1,"base":"x"}')],
      read: (b) => decodeSegment(b, "m"),
    },
    {
      name: "a lock",
      samples: [Buffer.from('{"token":"a","owner":{"host":"h","pid":1},"expiresAt":"2026-01-01T00:00:00.000Z"}')],
      read: async (bytes) => await readLocks(oneObject("locks/a.json", bytes), systemClock),
    },
  ];
}

/** Those that need a key ring. `ring` is one with a recipient and a signer. */
export async function targetsWithKeys(ring: Keyring): Promise<FuzzTarget[]> {
  const [recipient] = await ring.recipients("interop");
  if (recipient === undefined) throw new Error("the key ring has no recipient");
  const openers = await ring.openers([recipient.fingerprint]);
  const content = Buffer.from(`${randomBytes(64).toString("hex")}\n`);
  const id = "20260101T000000Z-00000000";
  const written = new Map<string, Buffer>();
  await writeRecord(new MemoryStore("memory", written), "record.json", '{"ok":true}', await ring.signer());
  const record = written.get("record.json") ?? Buffer.alloc(0);
  return [
    {
      name: "an encrypted part",
      samples: [Buffer.from(await seal(content, [recipient.publicKey]))],
      read: async (bytes) => {
        const opened = Buffer.from(await unseal(bytes, openers, "part 0", "interop"));
        if (!opened.equals(content)) throw new Error("a changed message was opened");
      },
    },
    {
      name: "a signed record",
      samples: [record],
      crashes: [Buffer.from('{"content":')],
      read: async (bytes) => {
        const text = await readRecord(oneObject("record.json", bytes), "record.json", ring);
        if (text !== '{"ok":true}') throw new Error("a changed record was believed");
      },
    },
    {
      name: "the record of a proof",
      samples: [record],
      read: async (bytes) => {
        const store = oneObject(backupPath(id, "validation.json"), bytes);
        if ((await readValidation(store, backupFolder(id), ring))?.ok === true) throw new Error("it was believed");
      },
    },
    {
      name: "an armored key",
      samples: [Buffer.from(recipient.publicKey.armor())],
      read: async (bytes) => await unlockKey(bytes.toString("utf8"), "passphrase", "the key"),
    },
  ];
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function oneObject(path: string, bytes: Buffer): Store {
  return new MemoryStore("memory", new Map([[path, bytes]]));
}

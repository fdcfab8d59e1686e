import { ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { missingStore, objectStore, objectStores } from "../../../../fixtures/object-stores/object-stores.ts";
import { probeStore } from "./probe-store.ts";
import { isNightly } from "../../../base/testing/nightly.ts";
import { openBucket } from "./s3-bucket.ts";
import { s3Store } from "./s3-store.ts";

/** What was measured by hand: Ceph's gateway obeys If-None-Match only in a bucket without versions. */
const expected = {
  radosgw: (versions: boolean) => ({ conditionalCreate: !versions, conditionalReplace: true, md5: true }),
  moto: () => ({ conditionalCreate: true, conditionalCompletion: true, conditionalReplace: true }),
} as const;
const nothing = {
  conditionalCreate: false,
  conditionalCompletion: false,
  conditionalReplace: false,
  sha256: false,
  md5: false,
};

describe.each(isNightly ? objectStores : (["moto"] as const))("the probe of %s", (name) => {
  const missing = missingStore(name);
  it.skipIf(missing !== undefined)(`tells what it honours, and leaves nothing ${missing ?? ""}`, async () => {
    const { newBucket, ...at } = await objectStore(name);
    for (const versions of [false, true]) {
      const bucket = await newBucket({ versioning: versions });
      const s3 = openBucket({ ...at, bucket, prefix: "a" });
      const { promises, notes } = await probeStore(s3);
      const honoured = { ...nothing, ...expected[name](versions) };
      expect(promises).toEqual({ ...honoured, versions });
      expect(notes).toHaveLength(Object.values(honoured).filter((holds) => !holds).length + 1);
      expect(notes.join("\n")).toContain(versions ? "keeps versions" : "keeps no versions");
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      expect([Versions, DeleteMarkers, await s3Store(s3).listUnfinished()]).toEqual([[], [], []]);
      s3.close();
    }
  });
});

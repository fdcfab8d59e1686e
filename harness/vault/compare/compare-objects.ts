// Compares the objects of the restore points that two vaults both hold, as a listing shows them: the parts by name and
// size, and the manifests with their signatures byte for byte where every byte is asked for.
import { eachInParallel } from "../parts/in-parallel.ts";
import { isPart } from "../store/layout.ts";
import type { Keyring } from "../keys/keyring.ts";
import { type CheckedSide, namedIn, requestsAtOnce } from "./check-objects.ts";
import { whyNotSigned } from "../store/signed.ts";
import type { VaultDivergence } from "./divergence.ts";
import { folderOfPoint, isShown, manifestOf } from "./listing.ts";

export async function compareObjects(
  from: CheckedSide,
  to: CheckedSide,
  keyring: Keyring,
  bytes: boolean,
): Promise<readonly VaultDivergence[]> {
  const both = [...from.listing.points.keys()].filter(
    (point) => isShown(from.listing, point) && isShown(to.listing, point),
  );
  const found = await eachInParallel(requestsAtOnce, both, async (point) => [
    ...(await compareParts(from, to, point)),
    ...(await compareDocuments([from, to], keyring, point, bytes)),
  ]);
  return found.flat();
}

const nothing: ReadonlyMap<string, number> = new Map();

async function compareParts(from: CheckedSide, to: CheckedSide, point: string): Promise<readonly VaultDivergence[]> {
  const sides = [from, to].map(({ record: { store }, listing }) => ({
    store,
    objects: listing.points.get(point) ?? nothing,
  }));
  const names = new Set(sides.flatMap(({ objects }) => [...objects.keys()].filter(isPart)));
  const differing = [...names].filter((name) => new Set(sides.map(({ objects }) => objects.get(name))).size > 1);
  if (differing.length === 0) return [];
  const manifests = await Promise.all(sides.map(({ store }) => store.get(manifestOf(point))));
  // Two restore points of one name are found by their manifests.
  if (manifests[0] === undefined || manifests[1]?.equals(manifests[0]) !== true) return [];
  const sizes = new Map(
    (namedIn(point, manifests[0])?.parts ?? []).map(({ name, storedBytes }) => [
      `${folderOfPoint(point)}/${name}`,
      storedBytes,
    ]),
  );
  return differing.flatMap((object) =>
    sides.flatMap(({ store: { where }, objects }): readonly VaultDivergence[] => {
      const [actual, size] = [objects.get(object), sizes.get(object)];
      if (actual === size) return [];
      const at = { point, object, where };
      if (size === undefined)
        return [{ kind: "extra", ...at, message: `${object} in ${where} is a part of which no manifest knows` }];
      if (actual === undefined) return [{ kind: "missing", ...at, message: `${object} is missing in ${where}` }];
      const message = `${object} in ${where} has ${actual} bytes, and ${size} were recorded`;
      return [{ kind: "altered", ...at, message }];
    }),
  );
}

/** A copy has the manifest and the signature of its original, byte for byte. */
async function compareDocuments(
  sides: readonly CheckedSide[],
  keyring: Keyring,
  point: string,
  bytes: boolean,
): Promise<readonly VaultDivergence[]> {
  const manifest = manifestOf(point);
  const signature = `${manifest}.asc`;
  const isOneSize = (path: string): boolean =>
    new Set(sides.map(({ listing }) => listing.points.get(point)?.get(path))).size === 1;
  if (!bytes && isOneSize(manifest) && isOneSize(signature)) return [];
  const isEqual = async (path: string): Promise<boolean> => {
    const [one, other] = await Promise.all(sides.map(({ record: { store } }) => store.get(path)));
    return one !== undefined && other?.equals(one) === true;
  };
  const areManifestsEqual = await isEqual(manifest);
  if (areManifestsEqual && (await isEqual(signature))) return [];
  const object = areManifestsEqual ? signature : manifest;
  const found: VaultDivergence[] = [];
  for (const { record, listing } of sides) {
    const { where } = record.store;
    if ((await whyNotSigned(record.store, manifest, keyring)) === undefined) continue;
    const isMissing = listing.points.get(point)?.has(object) !== true;
    const message = isMissing
      ? `${object} is missing in ${where}`
      : `${object} in ${where} and its ${areManifestsEqual ? "manifest" : "signature"} do not fit together`;
    found.push({ kind: isMissing ? "missing" : "altered", point, object, where, message });
  }
  // Manifests that are both signed are told apart by what both vaults record.
  if (found.length > 0 || !areManifestsEqual) return found;
  const where = sides[1]?.record.store.where ?? "";
  return [{ kind: "altered", point, object, where, message: `${object} in ${where} is not the first vault's` }];
}

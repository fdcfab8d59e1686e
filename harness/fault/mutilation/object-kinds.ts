// The kinds of objects in a vault, as docs/internals/vault-format.md lists them.
const kinds: readonly (readonly [name: string, path: RegExp])[] = [
  ["marker of the vault", /^vault\.json$/],
  ["manifest of a backup", /^backups\/[^/]+\/manifest\.json$/],
  ["signature of a backup", /^backups\/[^/]+\/manifest\.json\.asc$/],
  ["part of a backup", /^backups\/[^/]+\/part-\d+\.zst\.pgp$/],
  ["record of a verify", /^backups\/[^/]+\/validation\.json$/],
  ["pin", /^backups\/[^/]+\/pin\.json$/],
  ["manifest of an increment", /^segments\/.+\/manifest\.json$/],
  ["signature of an increment", /^segments\/.+\/manifest\.json\.asc$/],
  ["part of an increment", /^segments\/.+\/part-\d+\.zst\.pgp$/],
  ["entry of the catalogue", /^catalogue\/\d{8}\.json$/],
  ["settings to restore", /^guest\//],
  ["lock", /^locks\//],
];

export const objectKinds: readonly string[] = kinds.map(([name]) => name);

export function kindOf(path: string): string | undefined {
  return kinds.find(([, pattern]) => pattern.test(path))?.[0];
}

// Two accidents: a command is killed, which keeps the page cache, and while the next one runs the power goes. What the
// killed command left unsynced is still lost, although the next one found it on the disk.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterRestart } from "./build-state.ts";
import { type VaultCommand, vaultOf } from "./power-cut.ts";
import { killedAfter } from "./weaker-files.ts";

/** `first` ends at its operation number `last`, and `next` runs as a whole. */
export function killedThen(first: VaultCommand, last: number, next: VaultCommand): VaultCommand {
  return {
    name: `${next.name} after a killed ${first.name}`,
    run: async (place) => {
      const killed = Promise.withResolvers<void>();
      const files = killedAfter(place.files, last, killed.resolve);
      await Promise.race([first.run({ ...place, files, returned: () => Promise.resolve() }), killed.promise]);
      forgetOwners(join(vaultOf(place.folder), "locks"));
      await next.run(place);
    },
  };
}

/** The killed process was this one, which is alive. */
function forgetOwners(locks: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(locks);
  } catch {
    return;
  }
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    const path = join(locks, name);
    writeFileSync(path, afterRestart(readFileSync(path)));
  }
}

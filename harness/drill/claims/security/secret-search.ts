// One search for everything that is planted: in files, in bytes, and in what processes show of themselves.
import { lstat, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { ifGone, pathsIn } from "../../proof/read-stored.ts";
import { headOf, type Needle, searchBytes, searchFile } from "../../../base/files/search-file.ts";
import { needlesFor, type Planted, type Sighting } from "./planted.ts";
import type { Seen } from "./watch-processes.ts";

export class SecretSearch {
  readonly sightings: Sighting[] = [];
  filesRead = 0;
  processesRead = 0;
  readonly #planted: readonly Planted[];
  readonly #needles: readonly Needle[];

  constructor(planted: readonly Planted[]) {
    this.#planted = planted;
    this.#needles = needlesFor(planted);
  }

  get forms(): number {
    return this.#needles.length;
  }

  /** Everything in a folder; `room` stands before the paths in it. */
  async folder(room: string, folder: string): Promise<void> {
    for await (const path of pathsIn(Buffer.from(folder)))
      await this.file(room, relative(folder, path.toString()), path);
  }

  async file(room: string, name: string, path: Buffer): Promise<void> {
    const read = async (): Promise<string[] | undefined> => {
      // A pipe would be waited for without end; the engine beside it reads what comes through.
      if (!(await stat(path)).isFile()) return undefined;
      return await searchFile(path, await headOf(path), this.#needles);
    };
    const found = await read().catch(ifGone);
    if (found === undefined) return;
    this.filesRead += 1;
    const place = [room, name].filter((part) => part !== "").join("/");
    this.#saw(place, [...found, ...searchBytes(Buffer.from(name), this.#needles)]);
  }

  bytes(place: string, bytes: Buffer): void {
    this.#saw(place, searchBytes(bytes, this.#needles));
  }

  processes(command: string, seen: readonly Seen[]): void {
    for (const { program, isRoot, argv, environ } of seen) {
      const place = `process/${command}/${isRoot ? "command" : program}`;
      this.bytes(`${place}/argv`, argv);
      this.bytes(`${place}/environ`, environ);
      this.processesRead += 1;
    }
  }

  #saw(place: string, names: readonly string[]): void {
    const planted = this.#planted.filter(({ name }) => names.includes(name));
    // Not its text: what was found goes into a report.
    this.sightings.push(...planted.map(({ kind, name }) => ({ planted: { kind, name }, place })));
  }
}

/** Files and folders that have a permission for the group or for others. */
export async function usableByOthers(folder: string): Promise<readonly string[]> {
  const paths = await readdir(folder, { recursive: true });
  const modes = await Promise.all(paths.map(async (path) => [path, (await lstat(join(folder, path))).mode] as const));
  return modes.filter(([, mode]) => (mode & 0o077) !== 0).map(([path]) => path);
}

// Finds, in the machine's own apt sources, a mirror with newer packages of the same distribution.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface AptSource {
  readonly uri: string;
  /** The keyring that the machine names for this mirror. */
  readonly signedBy: string | undefined;
  /** The release to take the libraries from. */
  readonly suite: string;
}

/** The first release of each distribution whose C library the engine binaries accept. */
const newEnough: Readonly<Record<string, string>> = { debian: "trixie", ubuntu: "noble" };

/** Undefined on systems other than Debian and Ubuntu, or when no source for the main archive is configured. */
export async function findAptSource(root = "/"): Promise<AptSource | undefined> {
  const release = parseFields(await readText(join(root, "etc/os-release")), "=");
  const suite = newEnough[release["ID"] ?? ""];
  const codename = release["VERSION_CODENAME"];
  if (suite === undefined || codename === undefined) return undefined;
  const folder = join(root, "etc/apt/sources.list.d");
  const names = (await readdir(folder).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));
  for (const path of [join(root, "etc/apt/sources.list"), ...names.map((name) => join(folder, name))]) {
    const text = await readText(path);
    const found = path.endsWith(".sources") ? fromDeb822(text, codename) : fromList(text, codename);
    if (found !== undefined) return { ...found, suite };
  }
  return undefined;
}

type Mirror = Pick<AptSource, "uri" | "signedBy">;

function fromDeb822(text: string, codename: string): Mirror | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = parseFields(stanza, ":");
    const words = (name: string): string[] => (fields[name] ?? "").split(/\s+/);
    const [uri] = words("URIs");
    const fits =
      words("Types").includes("deb") && words("Suites").includes(codename) && words("Components").includes("main");
    if (fits && uri !== undefined && fields["Enabled"] !== "no") {
      const signedBy = fields["Signed-By"];
      return { uri, signedBy: signedBy?.startsWith("/") === true ? signedBy : undefined };
    }
  }
  return undefined;
}

function fromList(text: string, codename: string): Mirror | undefined {
  for (const line of text.split("\n")) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    const [, options = "", uri, suite, components = ""] = match ?? [];
    if (uri !== undefined && suite === codename && components.split(/\s+/).includes("main")) {
      return { uri, signedBy: /signed-by=(\/[^\s,]+)/.exec(options)?.[1] };
    }
  }
  return undefined;
}

function parseFields(text: string, separator: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf(separator);
    if (at > 0 && !line.startsWith("#"))
      fields[line.slice(0, at).trim()] = line
        .slice(at + 1)
        .trim()
        .replaceAll('"', "");
  }
  return fields;
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

// A comma-separated list of formats: one goes to stdout, several need a folder.
import { usageError } from "../../base/errors.ts";
import { oneOf } from "../../base/one-of.ts";

/** The formats of `--format`; throws a `DrillError` (`usage`) for unknown ones, and for several without `--out`. */
export function wantedFormats<Name extends string>(
  flag: string,
  out: string | undefined,
  names: readonly Name[],
): readonly Name[] {
  const wanted = flag.split(",").map((name) => oneOf("--format", name.trim(), names));
  if (out !== undefined || wanted.length === 1) return wanted;
  throw usageError(`--format ${flag} names ${wanted.length} formats, and stdout takes one`, "Add --out <dir>.");
}

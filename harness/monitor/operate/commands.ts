// The commands that a monitor may start. They are those of its configuration, word by word: a browser picks one of them and
// gives no word of its own.
import { usageError } from "../../base/errors.ts";
import { shellWord } from "../../base/invocation.ts";
import type { OperateSetting } from "../settings.ts";

const kinds = [
  { kind: "backup", words: ["vault", "backup"] },
  { kind: "proof", words: ["vault", "verify"] },
  { kind: "drill", words: ["run"] },
] as const;

/** One of each runs at a time. */
export type OperationKind = (typeof kinds)[number]["kind"];

export interface OperateCommand {
  readonly name: string;
  readonly kind: OperationKind;
  /** The arguments of `falkordrill`. */
  readonly words: readonly string[];
}

export function operateCommands({ commands }: OperateSetting): readonly OperateCommand[] {
  const names = commands.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`two commands of monitor.operate are called ${twice}`);
  return commands.map(({ name, run: words }) => {
    const known = kinds.find((one) => one.words.every((word, index) => words[index] === word));
    if (known === undefined)
      throw usageError(
        `monitor.operate: "${name}" runs falkordrill ${words.join(" ")}`,
        "A page starts vault backup, vault verify or run; whatever changes or removes something is for a shell.",
      );
    if (words.some((word) => /:\/\/[^/@]*:[^/@]+@/.test(word)))
      throw usageError(
        `monitor.operate: "${name}" has a password in a URL, which every user of the machine would see`,
        "Put it into a file, and give --password-file.",
      );
    return { name, kind: known.kind, words };
  });
}

export function commandLine({ words }: OperateCommand): string {
  return ["falkordrill", ...words.map(shellWord)].join(" ");
}

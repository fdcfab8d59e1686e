// How this program was called, so that every printed command can be pasted. In code and stored runs, commands are
// written `falkordrill <command> ...`; `pasteable` rewrites them when they are printed.
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { environment } from "./environment.ts";
import { packageRoot } from "./package.ts";

export const commandNames = [
  "init",
  "run",
  "verify",
  "report",
  "explain",
  "compare",
  "diff",
  "shrink",
  "assess",
  "gate",
  "prove",
  "vault",
  "generate",
  "engine",
  "monitor",
  "analyze",
  "estimate",
  "bench",
  "doctor",
] as const;

export interface Invocation {
  /** Command line to use for `falkordrill`. */
  readonly command: string;
  /** Command line to use for `falkordrill run`. */
  readonly run: string;
  /** Arguments of this call, from which printed commands take the vault. */
  readonly args: readonly string[];
}

interface Surroundings {
  readonly root: string;
  readonly cwd: string;
  readonly isCheckout: boolean;
  readonly args: readonly string[];
}

/** npm scripts in a checkout, npx for an installed package, and the plain name elsewhere, as with `npm -g`. */
export function invocationFrom({ root, cwd, isCheckout, args }: Surroundings): Invocation {
  const way = relative(cwd, root);
  if (isCheckout && way === "") return { command: "node bin/falkordrill.js", run: "npm run --silent drill --", args };
  if (isCheckout) {
    const script = join(way.startsWith(`..${sep}..${sep}..`) || isAbsolute(way) ? root : way, "bin/falkordrill.js");
    const command = `node ${shellWord(script)}`;
    return { command, run: `${command} run`, args };
  }
  const isLocal = root.split(sep).includes("node_modules") && !root.split(sep).includes("lib");
  const command = isLocal ? "npx falkordrill" : "falkordrill";
  return { command, run: `${command} run`, args };
}

/** Commands as they have to be typed in `cwd`. */
export function invocationIn(cwd: string): Invocation {
  const root = packageRoot();
  // Whoever reads the log of a runner calls it elsewhere: its folders are gone then.
  const isCheckout = existsSync(join(root, "harness/cli/main.ts")) && !environment().githubActions;
  return invocationFrom({ root, cwd, isCheckout, args: process.argv.slice(2) });
}

function ownInvocation(): Invocation {
  return invocationIn(process.cwd());
}

const pattern = new RegExp(
  String.raw`(?<![\w./-])(?:npx )?falkordrill (?<name>${commandNames.join("|")})(?<rest>(?<=vault)(?: keys)?(?: (?!-)[a-z][a-z-]*)?)?(?![\w-])`,
  "g",
);

/** What follows the name of a command, up to the end of its sentence. */
const commandEnd = /^[^;`\n]*?(?=[;`\n]|[.,](?:\s|$)|falkordrill |$)/;
/** Flags of each vault command. */
const vaultFlags = ["--vault", "--endpoint", "--region", "--keys", "--passphrase-file", "--passphrase-fd"] as const;

/** The text with each `falkordrill` command as it has to be typed here. */
export function pasteable(text: string, invocation: Invocation = ownInvocation()): string {
  return text.replaceAll(pattern, (match, name: string, rest: string | undefined, at: number) => {
    if (name === "run") return invocation.run;
    const given = commandEnd.exec(text.slice(at + match.length))?.[0] ?? "";
    const flags = name === "vault" ? vaultFlagsOf(invocation.args, given, (rest ?? "").trim()) : "";
    return `${invocation.command} ${name}${rest ?? ""}${flags}`;
  });
}

/**
 * The vault from the arguments of this call, which a command such as `vault list` needs, and of a restore how it reaches its
 * server and its application; but for what is `given`.
 */
function vaultFlagsOf(args: readonly string[], given: string, verb: string): string {
  const isAgain = verb === "restore" && args[0] === "vault" && args[1] === "restore";
  const isInPlace = given.includes(" --in-place");
  const service = isAgain && isInPlace ? ["--service", "--service-token-file"] : [];
  const isGiven = (flag: string): boolean => `${given} `.includes(` ${flag} `);
  const flags = [...vaultFlags, ...(isAgain ? ["--password-file"] : []), ...service].flatMap((flag) => {
    const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
    const value = args[at] === flag ? args[at + 1] : args[at]?.slice(flag.length + 1);
    return value === undefined || isGiven(flag) ? [] : [` ${nameFor(verb, flag)} ${shellWord(value)}`];
  });
  const trust = "--trust-way-back";
  return [...flags, ...(isAgain && args.includes(trust) && !isGiven(trust) ? [` ${trust}`] : [])].join("");
}

/** A command with two vaults looks at the one that it copies into. */
function nameFor(verb: string, flag: string): string {
  if (verb !== "replicate") return flag;
  return flag === "--vault" ? "--to" : flag.replace(/^--(?=endpoint|region)/, "--to-");
}

/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w=.,:@/-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

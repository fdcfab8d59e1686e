// Which commit is checked out in a folder.
import { execFileSync } from "node:child_process";

export interface Checkout {
  readonly commit: string;
  /** No file that git knows was changed; else the commit does not say what is there. */
  readonly isClean: boolean;
}

/** Undefined where the folder is in no checkout, or there is no git. */
export function checkoutOf(folder: string): Checkout | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), isClean: git("status", "--porcelain", "--untracked-files=no") === "" };
  } catch {
    return undefined;
  }
}

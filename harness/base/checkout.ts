// The commit that is checked out in a folder.
import { execFileSync } from "node:child_process";
import { helperEnvironment } from "./environment.ts";

export interface Checkout {
  readonly commit: string;
  /** Whether all tracked files are unmodified; else the commit does not describe the content. */
  readonly isClean: boolean;
}

/** Undefined where the folder is not in a git checkout, or git is not installed. */
export function checkoutOf(folder: string): Checkout | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: folder,
      env: helperEnvironment(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), isClean: git("status", "--porcelain", "--untracked-files=no") === "" };
  } catch {
    return undefined;
  }
}

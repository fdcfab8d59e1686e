// What the configuration may offer to be started.
import { describe, expect, it } from "vitest";
import { commandLine, operateCommands } from "./commands.ts";

const setting = (
  ...commands: readonly (readonly [name: string, ...run: string[]])[]
): Parameters<typeof operateCommands>[0] => ({
  folder: "f",
  commands: commands.map(([name, ...run]) => ({ name, run })),
});

describe("the commands that a monitor may start", () => {
  it("are backups, proofs and drills, each as a shell would read it", () => {
    const commands = operateCommands(
      setting(["a", "vault", "backup", "--vault", "it's here"], ["b", "vault", "verify"], ["c", "run", "cycle/full"]),
    );
    expect(commands.map(({ kind }) => kind)).toEqual(["backup", "proof", "drill"]);
    expect(commands.map(commandLine)[0]).toBe(String.raw`falkordrill vault backup --vault 'it'\''s here'`);
  });

  it.each([
    ["something that removes", setting(["a", "vault", "prune", "--keep-last", "1"]), "a shell"],
    ["something that restores", setting(["a", "vault", "restore", "latest"]), "a shell"],
    ["another program", setting(["a", "sh", "-c", "run"]), "a shell"],
    ["two of one name", setting(["a", "run"], ["a", "vault", "backup"]), "two commands"],
    ["a password", setting(["a", "vault", "backup", "--url", "redis://u:secret@db:6379"]), "a password in a URL"],
    ["a password alone", setting(["a", "vault", "backup", "--url=rediss://:secret@db"]), "a password in a URL"],
  ])("are refused where they are %s", (_, given, why) => {
    let said = "";
    try {
      operateCommands(given);
    } catch (error) {
      const { message, hint = "" } = error as Error & { hint?: string };
      said = `${message} ${hint}`;
    }
    expect(said).toContain(why);
    expect(said).not.toContain("secret");
  });
});

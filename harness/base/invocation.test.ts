import { describe, expect, it } from "vitest";
import { invocationFrom, pasteable } from "./invocation.ts";

const checkout = { root: "/home/me/falkordrill", cwd: "/home/me/falkordrill", isCheckout: true, args: [] };
const installed = { root: "/app/node_modules/falkordrill", cwd: "/app", isCheckout: false, args: [] };
const text = "See: falkordrill report runs/1. Again: falkordrill run cycle/full --seed 1 (by falkordrill 0.1.0)";

describe("commands that are printed", () => {
  it.each([
    [
      "in a checkout",
      checkout,
      "See: node bin/falkordrill.js report runs/1. Again: npm run --silent drill -- cycle/full --seed 1 (by falkordrill 0.1.0)",
    ],
    [
      "beside a checkout",
      { ...checkout, cwd: "/home/me/my work" },
      "See: node ../falkordrill/bin/falkordrill.js report runs/1. Again: node ../falkordrill/bin/falkordrill.js run cycle/full --seed 1 (by falkordrill 0.1.0)",
    ],
    [
      "as a package",
      installed,
      "See: npx falkordrill report runs/1. Again: npx falkordrill run cycle/full --seed 1 (by falkordrill 0.1.0)",
    ],
    ["installed globally", { ...installed, root: "/usr/lib/node_modules/falkordrill" }, text],
  ])("can be pasted %s", (_, surroundings, expected) => {
    expect(pasteable(text, invocationFrom(surroundings))).toBe(expected);
    // A command that is already pasteable, or part of a path, is unchanged.
    const other = "npx falkordrill verify a/falkordrill run";
    expect(pasteable(other, invocationFrom(surroundings))).toContain("a/falkordrill run");
    expect(pasteable(other, invocationFrom(surroundings))).not.toMatch(/npx n|npx npx/);
  });

  it("name the vault of a command that was given it in one word", () => {
    const call = invocationFrom({ ...installed, args: ["vault", "backup", "--vault=my vault", "--keys=k"] });
    expect(pasteable("falkordrill vault list", call)).toBe("npx falkordrill vault list --vault 'my vault' --keys k");
  });

  it("name the vault of the command that was called", () => {
    const call = invocationFrom({ ...installed, args: ["vault", "backup", "--vault", "my vault", "--json"] });
    expect(pasteable("See: falkordrill vault list; falkordrill vault keys import <file>.", call)).toBe(
      "See: npx falkordrill vault list --vault 'my vault'; npx falkordrill vault keys import --vault 'my vault' <file>.",
    );
  });

  it("end with their subcommand where a sentence goes on", () => {
    const call = invocationFrom({ ...installed, args: ["vault", "prune", "--vault", "v"] });
    expect(pasteable("Look with falkordrill vault audit before anything is pruned.", call)).toBe(
      "Look with npx falkordrill vault audit --vault v before anything is pruned.",
    );
    expect(pasteable("falkordrill vault keys drill shows it", call)).toBe(
      "npx falkordrill vault keys drill --vault v shows it",
    );
  });

  it("name how a restore reaches its server and its application, once", () => {
    const words = ["restore", "--vault", "v", "--to", "rediss://h", "--password-file", "my p", "--trust-way-back"];
    const more = ["--service=http://s", "--service-token-file", "t", "--passphrase-file", "w"];
    const call = invocationFrom({ ...installed, args: ["vault", ...words, ...more] });
    expect(pasteable("Now: falkordrill vault restore --in-place --roll-back --to rediss://h; then look", call)).toBe(
      "Now: npx falkordrill vault restore --vault v --passphrase-file w --password-file 'my p' --service http://s" +
        " --service-token-file t --trust-way-back --in-place --roll-back --to rediss://h; then look",
    );
    expect(pasteable("falkordrill vault restore ID --in-place --password-file q --trust-way-back --yes.", call)).toBe(
      "npx falkordrill vault restore --vault v --passphrase-file w --service http://s --service-token-file t" +
        " ID --in-place --password-file q --trust-way-back --yes.",
    );
    expect(pasteable("falkordrill vault list", call)).toBe("npx falkordrill vault list --vault v --passphrase-file w");
  });

  it("keep a vault of their own", () => {
    const call = invocationFrom({ ...installed, args: ["vault", "restore", "--vault", "v", "--keys", "k"] });
    expect(pasteable("Make one: falkordrill vault init --vault w", call)).toBe(
      "Make one: npx falkordrill vault init --keys k --vault w",
    );
    expect(pasteable("falkordrill vault init --vault w --keys l", call)).toBe(
      "npx falkordrill vault init --vault w --keys l",
    );
  });
});

// The project's own rules, as a test: file length, and the few places that may read the environment, the clock or
// randomness (imports and folders: structure.test.ts). A rule that is broken says where, and what to do instead.
import { describe, expect, it } from "vitest";
import { sources, textOf } from "./sources.ts";

const linesMax = 300;
// Long lists of words or numbers, with no logic in them.
const dataTables: ReadonlySet<string> = new Set();

const banned: readonly { readonly pattern: RegExp; readonly instead: string; readonly except: readonly string[] }[] = [
  {
    pattern: /process\.env/,
    instead: "environment() of harness/base/environment.ts",
    // The runner of the action's test makes an environment for others, it does not read its own.
    except: ["harness/base/environment.ts", "test/action-runner.ts"],
  },
  {
    pattern: /Math\.random\(|Date\.now\(|performance\.now\(|new Date\(\)|process\.hrtime/,
    instead: "the seed (generators/random.ts) or a Clock (harness/base/clock.ts)",
    except: ["harness/base/clock.ts"],
  },
  {
    pattern: /setTimeout\(\s*(?:resolve|r)\b|setTimeout.*timers\/promises/,
    instead: "waitFor() of harness/base/wait.ts: a condition with a deadline, never a sleep",
    except: ["harness/base/wait.ts", "harness/base/timer.ts"],
  },
  { pattern: /\.(?:only|todo|fails)\(/, instead: "a test that runs", except: [] },
];

describe("tidy", () => {
  it("finds the sources", () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  it(`keeps files at ${linesMax} lines or fewer`, () => {
    const long = sources
      .filter((path) => !dataTables.has(path))
      .map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }))
      .filter(({ lines }) => lines > linesMax);
    expect(long).toEqual([]);
  });

  it.each(banned)("bans $pattern: use $instead", ({ pattern, except }) => {
    const found = sources
      .filter((path) => !except.includes(path) && path !== "test/tidy.test.ts")
      .flatMap((path) =>
        textOf(path)
          .split("\n")
          .map((line, index) => ({ where: `${path}:${index + 1}`, line }))
          .filter(({ line }) => pattern.test(line) && !/^\s*(?:\/\/|\*)/.test(line))
          .map(({ where, line }) => `${where} ${line.trim()}`),
      );
    expect(found).toEqual([]);
  });

  it("has no machine path, and no note to self", () => {
    const suspicious = /(?:^|[^A-Za-z0-9_.-])\/(?:work|farm)\/|\b(?:TODO|FIXME|XXX|HACK)\b/;
    const found = sources.filter((path) => path !== "test/tidy.test.ts" && suspicious.test(textOf(path)));
    expect(found).toEqual([]);
  });
});

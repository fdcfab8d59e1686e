// The project's own rules, as a test: doors between folders, file length, and the few places that may read the
// environment, the clock or randomness. A rule that is broken says where, and what to do instead.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = globSync("{bin,generators,harness,reports,scenarios,fixtures,scripts,test}/**/*.{ts,js}", { cwd: root })
  .filter((path) => !path.includes("node_modules"))
  .toSorted();
const text = new Map(sources.map((path) => [path, readFileSync(join(root, path), "utf8")]));
const isTest = (path: string): boolean =>
  path.includes(".test.") || path.startsWith("test/") || path.endsWith("conformance.ts");

const linesMax = 300;
// Long lists of words or numbers, with no logic in them.
const dataTables: ReadonlySet<string> = new Set();

/** Which folders each folder may import from. Tests may import anything. */
const doors: Readonly<Record<string, readonly string[]>> = {
  generators: [],
  "harness/base": [],
  "harness/check": ["generators", "harness/base"],
  // Statistics draw their resamples and shuffles from the seed.
  reports: ["harness/base", "harness/drill", "generators"],
  "harness/falkordb": ["generators", "harness/base", "harness/check", "harness/engine"],
  "harness/engine": ["harness/base", "harness/falkordb"],
  "harness/measure": ["harness/base", "harness/engine", "harness/falkordb", "harness/system"],
  "harness/service": ["generators", "harness/base"],
  "harness/fault": ["harness/base", "harness/engine", "harness/falkordb"],
  "harness/workload": ["generators", "harness/base", "harness/check", "harness/service", "harness/falkordb"],
  "harness/system": [
    "generators",
    "harness/base",
    "harness/check",
    "harness/engine",
    "harness/falkordb",
    "harness/service",
  ],
  "harness/gate": ["harness/base", "harness/drill", "harness/engine", "harness/system", "reports"],
  "harness/bench": ["*"],
  "harness/drill": ["*"],
  "harness/cli": ["*"],
  harness: ["*"],
  scenarios: ["*"],
  fixtures: ["generators", "harness/base", "harness/falkordb", "harness/service", "harness/engine", "harness/system"],
  test: ["*"],
  bin: ["*"],
  scripts: ["*"],
};

// What reports may take from the drill are its results and how they are read, not its engine-facing code.
const reportsMayImport = new Set(
  ["result", "run-directory", "drill-history", "missing", "checked-run", "shard"].map(
    (name) => `harness/drill/${name}.ts`,
  ),
);

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

function folderOf(path: string): string {
  const parts = path.split("/");
  const two = parts.slice(0, 2).join("/");
  return parts[0] === "harness" && parts.length > 2 ? two : (parts[0] ?? "");
}

function importsOf(path: string): string[] {
  const found = (text.get(path) ?? "").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map((match) => relative(root, join(root, dirname(path), match[1] ?? "")));
}

function brokenDoors(path: string): string[] {
  const from = folderOf(path);
  const open = doors[from] ?? [];
  return importsOf(path)
    .filter((target) => {
      const to = folderOf(target);
      if (to === from || open.includes("*") || to === "") return false;
      if (from === "reports" && to === "harness/drill") return !reportsMayImport.has(target);
      return !open.includes(to);
    })
    .map((target) => `${path} imports ${target}`);
}

describe("tidy", () => {
  it("finds the sources", () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  it("keeps the doors between folders", () => {
    const broken = sources.filter((path) => !isTest(path)).flatMap(brokenDoors);
    expect(broken).toEqual([]);
  });

  it(`keeps files at ${linesMax} lines or fewer`, () => {
    const long = sources
      .filter((path) => !dataTables.has(path))
      .map((path) => ({ path, lines: (text.get(path) ?? "").split("\n").length - 1 }))
      .filter(({ lines }) => lines > linesMax);
    expect(long).toEqual([]);
  });

  it.each(banned)("bans $pattern: use $instead", ({ pattern, except }) => {
    const found = sources
      .filter((path) => !except.includes(path) && path !== "test/tidy.test.ts")
      .flatMap((path) =>
        (text.get(path) ?? "")
          .split("\n")
          .map((line, index) => ({ where: `${path}:${index + 1}`, line }))
          .filter(({ line }) => pattern.test(line) && !/^\s*(?:\/\/|\*)/.test(line))
          .map(({ where, line }) => `${where} ${line.trim()}`),
      );
    expect(found).toEqual([]);
  });

  it("has no machine path, and no note to self", () => {
    const suspicious = /(?:^|[^A-Za-z0-9_.-])\/(?:work|farm)\/|\b(?:TODO|FIXME|XXX|HACK)\b/;
    const found = sources.filter((path) => path !== "test/tidy.test.ts" && suspicious.test(text.get(path) ?? ""));
    expect(found).toEqual([]);
  });
});

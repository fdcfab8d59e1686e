// The project's own rules, as a test: what each room may import, circles, sizes of files and folders, and the few places
// that may read the environment, the clock or randomness. There is no list of exceptions: what does not fit belongs
// elsewhere.
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { isTest, moduleOf, sources, textOf } from "./sources.ts";

/** Layers from bottom to top. A room imports only from the layers below its own, types included. */
const layers: readonly (readonly string[])[] = [
  ["harness/base"],
  ["generators"],
  ["harness/check"],
  ["harness/falkordb"],
  ["harness/service", "harness/observe", "harness/engine"],
  ["harness/vault", "harness/workload"],
  ["harness/system", "harness/fault", "harness/measure", "harness/diff"],
  ["harness/record"],
  ["reports"],
  ["harness/monitor"],
  ["harness/drill", "harness/bench", "harness/evidence", "harness/analyze"],
  ["harness/prove", "harness/shrink"],
  ["harness/cli", "harness/index.ts"],
  ["scenarios", "fixtures", "scripts", "bin", "test"],
];

const filesPerFolderMax = 20;

const product = sources.filter((path) => !isTest(path));
const modules = new Map(product.map((path) => [path, moduleOf(path)]));

function roomOf(path: string): string {
  const [top = "", room] = path.split("/");
  return top === "harness" ? `${top}/${room}` : top;
}

function layerOf(path: string): number {
  return layers.findIndex((rooms) => rooms.includes(roomOf(path)));
}

function importsOf(path: string): readonly string[] {
  return modules.get(path)?.imports ?? [];
}

/** The files that can be reached from themselves, each with the import by which the way back begins. */
function circles(): readonly string[] {
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (path: string): void => {
    state.set(path, "open");
    for (const next of importsOf(path)) {
      if (state.get(next) === "open") found.push(`${path} imports ${next}, which leads back to it`);
      else if (!state.has(next)) visit(next);
    }
    state.set(path, "done");
  };
  for (const path of product) if (!state.has(path)) visit(path);
  return found;
}

const linesMax = 300;
// Long lists of words or numbers, with no logic in them.
const dataTables: ReadonlySet<string> = new Set();

const banned: readonly { readonly pattern: RegExp; readonly instead: string; readonly except: readonly string[] }[] = [
  {
    pattern: /process\.env/,
    instead: "environment() of harness/base/environment.ts",
    // These two hand an environment on to a process that they start, and read none of it.
    except: ["harness/base/environment.ts", "test/action-script.ts", "bin/falkordrill.js"],
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

describe("the structure of the sources", () => {
  it("has a layer for every room", () => {
    expect(product.filter((path) => layerOf(path) < 0)).toEqual([]);
    expect(product.length).toBeGreaterThan(500);
  });

  it("imports only from lower layers", () => {
    const upward = product.flatMap((path) =>
      importsOf(path)
        .filter((target) => roomOf(target) !== roomOf(path) && layerOf(target) >= layerOf(path))
        .filter(() => layerOf(path) < layers.length - 1)
        .map((target) => `${path} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it("has no circle of imports, types included", () => {
    expect(circles()).toEqual([]);
  });

  it("imports nothing from tests", () => {
    const fromTests = product
      .filter((path) => !path.startsWith("scripts/"))
      .flatMap((path) =>
        importsOf(path)
          .filter(isTest)
          .map((target) => `${path} imports ${target}`),
      );
    expect(fromTests).toEqual([]);
  });

  it("gives an exported name one meaning within harness", () => {
    const harness = sources.filter((path) => /^harness\/(?!index\.ts)(?!.*\.test\.)/.test(path));
    const exported = harness.flatMap((path) => moduleOf(path).exports.map((name) => ({ name, path })));
    const twice = [...Map.groupBy(exported, ({ name }) => name)].filter(([, places]) => places.length > 1);
    expect(twice.map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(", ")}`)).toEqual([]);
  });

  it(`holds at most ${filesPerFolderMax} files a folder, tests not counted`, () => {
    const folders = Map.groupBy(
      sources.filter((path) => !path.includes(".test.")),
      (path) => dirname(path),
    );
    const full = [...folders].filter(([, files]) => files.length > filesPerFolderMax);
    expect(full.map(([folder, files]) => `${folder} holds ${files.length}`)).toEqual([]);
  });
});

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

  it("is written in standard terms (docs/glossary.md)", () => {
    const worded =
      /\bin vain\b|\b[Kk]nock(?:s|ed|ers?|ing)?\b|\b(?:that|what) (?:is|are) none\b|\b(?:dies|died)\b|\bstands? (?:on|beside|at) |\b(?:turned|taken) away\b|\b(?:let go|given back|made again|told as)\b|\/\*\* (?:Of|For|As) /;
    const found = sources
      .filter((path) => path !== "test/tidy.test.ts")
      .flatMap((path) =>
        textOf(path)
          .split("\n")
          .flatMap((line, index) => (worded.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  });

  it("names nothing by a word that a standard term has replaced", () => {
    // `guest/` stays the folder of overridden settings in a vault, whose layout does not change.
    const replaced =
      /\bguests?\b(?!["/\\])|\b(?:calm|doors?|teller|strike|things|goOn|giveBack|borrowSettings|inLanes|mustAnswer)\b|\btell\(|\b(?:Hazard)?Bell\b/;
    const found = sources
      .filter((path) => path !== "test/tidy.test.ts")
      .flatMap((path) =>
        textOf(path)
          .split("\n")
          .flatMap((line, index) => (replaced.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  });

  it("has no machine path, and no note to self", () => {
    const suspicious = /(?:^|[^A-Za-z0-9_.-])\/(?:work|farm)\/|\b(?:TODO|FIXME|XXX|HACK)\b/;
    const found = sources.filter((path) => path !== "test/tidy.test.ts" && suspicious.test(textOf(path)));
    expect(found).toEqual([]);
  });
});

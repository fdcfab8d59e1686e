// The manifests of a drill on many machines: valid, and their commands run as they stand, two shards as two processes.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type IJob, Job } from "kubernetes-models/batch/v1";
import { PersistentVolumeClaim } from "kubernetes-models/v1";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { helperEnvironment } from "../harness/base/environment.ts";
import { exitCodes } from "../harness/base/errors.ts";
import { packageRoot } from "../harness/base/package.ts";

interface Fields {
  readonly kind: string;
  readonly metadata: object;
  readonly spec: object;
}

function documentsOf(name: string): readonly Fields[] {
  const text = readFileSync(join(packageRoot(), "templates/fleet", name), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as Fields);
}

/** Throws for a value that Kubernetes refuses, and for a field that its schema never asks for, which Kubernetes drops. */
function validate(fields: Fields): void {
  const asked = new Set<string>();
  const model = fields.kind === "Job" ? new Job(fields as IJob) : new PersistentVolumeClaim(fields);
  // Only now: to make the model, all of it is copied.
  const { spec, metadata } = fields;
  Object.assign(model, { spec: watch(spec, ".spec", asked), metadata: watch(metadata, ".metadata", asked) });
  model.validate();
  const given = [...pathsOf(spec, ".spec"), ...pathsOf(metadata, ".metadata")];
  const unknown = given.filter((path) => !asked.has(path));
  if (unknown.length > 0) throw new Error(`Kubernetes does not know ${unknown.join(", ")}`);
}

function watch(value: unknown, path: string, asked: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((each, at) => watch(each, `${path}.${at}`, asked));
  if (typeof value !== "object" || value === null) return value;
  const below = Object.entries(value).map(([key, each]) => [key, watch(each, `${path}.${key}`, asked)]);
  return new Proxy(Object.fromEntries(below), {
    get: (target, key) => {
      asked.add(`${path}.${String(key)}`);
      return Reflect.get(target, key) as unknown;
    },
  });
}

function pathsOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, each]) => {
    const own = `${path}.${key}`;
    const below = pathsOf(each, own);
    return isList ? below : [own].concat(below);
  });
}

function jobOf(name: string): Job {
  const found = documentsOf(name).find(({ kind }) => kind === "Job");
  return new Job(found as IJob | undefined);
}

describe("the manifests of a fleet", () => {
  it.each(["drill.yaml", "verdict.yaml"])("%s is what Kubernetes takes", (name) => {
    for (const fields of documentsOf(name)) {
      validate(fields);
      const specWith = (more: object): Fields => ({ ...fields, spec: { ...fields.spec, ...more } });
      expect(() => validate(specWith({ backofLimit: 0 }))).toThrow("Kubernetes does not know .spec.backofLimit");
      expect(() => validate(specWith({ completions: "four", accessModes: 4 }))).toThrow("must be");
    }
  });

  it("gives the pods of a drill as many shards as there are", () => {
    const { spec } = jobOf("drill.yaml");
    const shards = spec?.template.spec?.containers[0]?.env?.find(({ name }) => name === "SHARDS")?.value;
    expect([spec?.completions, spec?.parallelism]).toEqual([Number(shards), Number(shards)]);
  });
});

describe.runIf(inject("isNightly"))("a fleet of two processes", () => {
  /** Runs what the container of that manifest runs, with another volume, and returns its output. */
  function run(name: string, runs: string, given: Readonly<Record<string, string>>): string {
    const container = jobOf(name).spec?.template.spec?.containers[0];
    const [file = "", ...flags] = container?.command ?? [];
    const own = (container?.env ?? []).map(({ name: variable, value }) => [variable, value ?? ""]);
    const here = helperEnvironment();
    const env = { ...Object.fromEntries(own), PATH: `${runs}/bin:${here["PATH"] ?? ""}`, RUNS: runs, ...given };
    return execFileSync(file, [...flags, ...(container?.args ?? [])], { env, encoding: "utf8", stdio: "pipe" });
  }

  it("comes to one verdict, and to none while a shard is missing", { timeout: 300_000 }, () => {
    const runs = mkdtempSync(join(tmpdir(), "falkordrill-fleet-"));
    onTestFinished(() => rmSync(runs, { recursive: true }));
    mkdirSync(join(runs, "bin"));
    const program = join(runs, "bin", "falkordrill");
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${packageRoot()}/bin/falkordrill.js" "$@"\n`);
    chmodSync(program, 0o700);
    const small = {
      HOME: homedir(),
      TMPDIR: tmpdir(),
      SHARDS: "2",
      FLAGS: "conformance/unknown-point conformance/failed-backup --seed 3",
    };
    run("drill.yaml", runs, { ...small, JOB_COMPLETION_INDEX: "1" });
    expect(() => run("verdict.yaml", runs, small)).toThrow(expect.objectContaining({ status: exitCodes.inconclusive }));
    run("drill.yaml", runs, { ...small, JOB_COMPLETION_INDEX: "0" });
    expect(run("verdict.yaml", runs, small)).toContain("GO: ");
    expect(readdirSync(join(runs, "report")).toSorted()).toEqual(["junit.xml", "report.html", "report.md"]);
  });
});

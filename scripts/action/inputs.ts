// The inputs of the action, and the command line that they translate to.
import { usageError } from "../../harness/base/errors.ts";

export type Inputs = Readonly<Record<string, string>>;

/** Inputs that are flags of `run` by the same name; an empty one was not given. */
const flags = [
  "profile",
  "config",
  "system",
  "rto",
  "rpo",
  "nodes",
  "dims",
  "seed",
  "repeat",
  "shard",
  "engine",
  "url",
] as const;

export function readInputs(json: string | undefined): Inputs {
  if (json === undefined) throw usageError("the variable INPUTS is missing", "action.yml sets it to toJSON(inputs).");
  return JSON.parse(json) as Inputs;
}

export function runArguments(inputs: Inputs, out: string, passwordFile: string | undefined): readonly string[] {
  const given = flags.flatMap((name) => (isGiven(inputs[name]) ? [`--${name}`, inputs[name]] : []));
  return [
    ...words(inputs["scenarios"]),
    ...given,
    ...(inputs["server"] ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .flatMap((setting) => ["--server", setting]),
    ...(isGiven(inputs["wipes"]) ? ["--i-understand-this-wipes", inputs["wipes"]] : []),
    ...(passwordFile === undefined ? [] : ["--password-file", passwordFile]),
    ...words(inputs["arguments"]),
    "--out",
    out,
  ];
}

export function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

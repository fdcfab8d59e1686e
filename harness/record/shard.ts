// The part of a drill that one machine of a matrix runs.
import { usageError } from "../base/errors.ts";

export interface Shard {
  /** 1-based, up to `count`. */
  readonly index: number;
  readonly count: number;
}

const shardsMax = 1000;

export function parseShard(text: string): Shard {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (index >= 1 && index <= count && count <= shardsMax) return { index, count };
  throw usageError(
    `--shard ${text} is not the number of a shard`,
    "It is written 2/5: the second of five; every machine of a matrix takes one.",
  );
}

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

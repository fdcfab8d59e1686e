// Watches the strings of a graph for a blob that its engine cannot read (border-blob.ts).
import { headBytes, isArrayAlone, isArrayName, isBorderBlob, isBorderLength, mayBeArray } from "./border-blob.ts";
import { type Ask, peekString } from "./rdb-values.ts";

export class BorderWatch {
  /** The string before, if it may be an array. */
  #before: Buffer | undefined;

  /** Skips a string; returns whether it, or the one before, is such a blob. */
  *skip(): Ask<boolean> {
    const before = this.#before;
    let isAtBorder = false;
    const isWanted = (length: number): boolean => {
      isAtBorder = isBorderLength(length);
      return isAtBorder || before !== undefined;
    };
    const bytes = yield* peekString(headBytes, isWanted, (head) => isAtBorder && mayBeArray(head));
    this.#before = isAtBorder && bytes !== undefined && bytes.length > headBytes ? bytes : undefined;
    if (bytes === undefined) return false;
    if (before !== undefined && isArrayName(bytes) && isArrayAlone(before)) return true;
    return isAtBorder && isBorderBlob(bytes.subarray(0, headBytes));
  }
}

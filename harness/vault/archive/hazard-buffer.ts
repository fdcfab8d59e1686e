// Buffers hazards found while an archiver starts, until a handler is registered.
import type { Hazard } from "../chain/segment-manifest.ts";

export class HazardBuffer {
  #waiting: Hazard[] = [];
  #answer: ((hazard: Hazard) => void) | undefined;

  push(hazard: Hazard): void {
    if (this.#answer === undefined) this.#waiting.push(hazard);
    else this.#answer(hazard);
  }

  subscribe(answer: (hazard: Hazard) => void): void {
    this.#answer = answer;
    for (const hazard of this.#waiting.splice(0)) answer(hazard);
  }
}

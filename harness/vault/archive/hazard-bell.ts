// Buffers hazards found while an archiver starts, until a handler is registered.
import type { Hazard } from "../chain/segment-manifest.ts";

export class HazardBell {
  #waiting: Hazard[] = [];
  #answer: ((hazard: Hazard) => void) | undefined;

  ring(hazard: Hazard): void {
    if (this.#answer === undefined) this.#waiting.push(hazard);
    else this.#answer(hazard);
  }

  hear(answer: (hazard: Hazard) => void): void {
    this.#answer = answer;
    for (const hazard of this.#waiting.splice(0)) answer(hazard);
  }
}

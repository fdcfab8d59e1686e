// All defects that are recorded as data.
import { damagedData } from "./damaged-data.ts";
import type { RecordedDefect } from "./recorded-defect.ts";
import { wrongAnswers } from "./wrong-answers.ts";

export const recordedDefects: readonly RecordedDefect[] = [...damagedData, ...wrongAnswers];

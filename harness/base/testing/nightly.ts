// What `npm test` leaves to the night within a file: more cases of a table, or a rule that another test holds as well. The
// files that ask are in `partlyNightly` of vitest.config.ts.
import { inject } from "vitest";

export const isNightly: boolean = inject("isNightly");

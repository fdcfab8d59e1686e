// Codes about what is said of a vault: metrics, an analysis, a look into a backup. Part of the table in finding-codes.ts,
// in the same form.

export const operateMeanings = {
  "metric-differs": [
    "data",
    "A metric says of a vault what its files do not, or is there although the vault could not be read.",
    "Do not rely on the alerts of this vault: look at it with falkordrill vault list and vault verify.",
  ],
  "browse-differs": [
    "data",
    "A look into a backup shows something else than its source held when the backup was made.",
    "Restore the backup to see what is in it.",
  ],
  "analysis-differs": [
    "data",
    "An analysis counts or foretells something else than the history that it was given.",
    "Do not plan by it: look at the history in the charts of falkordrill analyze --html.",
  ],
} as const;

// An analysis must count what was done, warn of what grows towards its limit, and not of what only moved to another level.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Analysis } from "../../../../reports/analysis/analysis.ts";
import { systemClock } from "../../../base/clock.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { ownCommand } from "../own-command.ts";
import type { RetentionSetup } from "../retention/retention-setup.ts";

const dayMs = 86_400_000;
const days = 40;
const limit = "1600s";

/** Durations of a backup in seconds, by the day, and whether they will be longer than the limit within three weeks. */
const histories = {
  "backups take 14 s longer each day": { seconds: (day: number) => 900 + 14 * day, isSoon: true },
  "backups take 30 % longer since 12 days, and no more": {
    seconds: (day: number) => (day < 28 ? 1000 : 1300),
    isSoon: false,
  },
} as const;

export async function analyzesHistory(setup: RetentionSetup): Promise<void> {
  const { drill, vault } = setup;
  await using folder = await privateFolder("analysis");
  for (const [name, { seconds, isSoon }] of Object.entries(histories)) {
    drill.progress.step(`analyze: ${name}`);
    const journal = join(folder.path, "forecasts.jsonl");
    await writeFile(journal, `${JSON.stringify(journalOf(vault, seconds))}\n`);
    const words = ["--vault", vault, "--keys", `${vault}-keys`, "--window", limit, "--forecasts", journal];
    const said = JSON.parse(await ownCommand(setup, ["analyze", ...words, "--no-store", "--json"])) as Analysis;
    drill.record.witness("analysesCompared", 1);
    const { state } = said.forecasts.find(({ objective }) => objective === "window") ?? {};
    if ((state === "soon") !== isSoon)
      differs(
        setup,
        `${name}: the forecast is "${state ?? "none"}", and ${isSoon ? "the limit breaks soon" : "nothing leads to the limit"}`,
      );
    // Three backups were made, and one of the two that were verified is damaged.
    for (const [of, expected] of [
      ["backups", "3 of 3"],
      ["proofs", "1 of 2"],
    ] as const) {
      const rate = said.rates.find((one) => one.of === of);
      const told = rate === undefined ? "none" : `${rate.succeeded} of ${rate.tries}`;
      if (told !== expected) differs(setup, `it says that ${told} ${of} succeeded, and ${expected} did`);
    }
  }
}

function differs({ drill: { record, id } }: RetentionSetup, message: string): void {
  record.finding({ code: "analysis-differs", severity: "error", subject: id, message, evidence: {} });
}

/** One line of what earlier analyses remember, with a little noise. */
function journalOf(subject: string, seconds: (day: number) => number): object {
  const nowMs = systemClock.nowMs();
  const points = Array.from({ length: days }, (_, day) => {
    const noise = 1 + 0.02 * Math.sin(day * 2.399) + 0.01 * Math.cos(day * 5.1);
    return [nowMs - (days - day) * dayMs, seconds(day) * noise];
  });
  const at = new Date(nowMs - dayMs).toISOString();
  return { schemaVersion: 1, at, measured: [{ objective: "window", subject, points }], forecasts: [] };
}

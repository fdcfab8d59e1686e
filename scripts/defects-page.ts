// The page of the recorded defects of FalkorDB, each with the commands that show it.
import { moduleVersionText } from "../harness/engine/versions.ts";
import type { RecordedDefect, Step } from "../harness/drill/claims/track-record/recorded-defect.ts";
import { recordedDefects } from "../harness/drill/claims/track-record/recorded-defects.ts";

export function defectsPage(): string {
  return `# Recorded defects of FalkorDB

Each section is played by the scenario that it names, on an empty server, and was written from the same table; the
scenario passes while this version of FalkorDB does what is written here, and reports \`engine-defect-gone\` where it no
longer does. "Found here" means that no public report was known when it was found. Versions are those in which it was
seen; others were mostly not tried. The [track record](../track-record.md) has more, and how drills deal with them.

The commands need an empty FalkorDB and redis-cli. "Restart" means: stop the server with \`redis-cli SHUTDOWN NOSAVE\` and
start it on the same folder.

${recordedDefects.map(section).join("\n\n")}
`;
}

function section(defect: RecordedDefect): string {
  const { id, what, means, wayAround, upstream, seenIn, steps, right, wrong, isLogged, moduleArgs } = defect;
  const settings = [
    ...(isLogged === true ? ["`appendonly yes`", "`EFFECTS_THRESHOLD 0`"] : []),
    ...Object.entries(moduleArgs ?? {}).map(([name, value]) => `\`${name} ${value}\``),
  ].filter((text, _, all) => !text.includes("EFFECTS_THRESHOLD 0") || !all.some((other) => /THRESHOLD 1/.test(other)));
  const server = settings.length === 0 ? "" : ` Started with ${settings.join(", ")}.`;
  return `## ${id}

FalkorDB ${what}.

- **Means:** ${means}.
- **Way around:** ${wayAround}.
- **Upstream:** ${upstream}. **Seen in:** ${seenIn.map(moduleVersionText).join(", ")}.
- **Play it:** \`npm run drill -- track-record/${id}\`

${server}

\`\`\`sh
${steps.map(shellOf).join("\n")}
# right: ${right}
# here:  ${wrong}
\`\`\``;
}

function shellOf(step: Step): string {
  if (typeof step === "string") return `redis-cli ${step}`;
  if ("restartFrom" in step)
    return step.restartFrom === "dump"
      ? "redis-cli SAVE # then restart: it loads the dump"
      : "# restart: it loads the append-only file";
  if ("refused" in step) return `redis-cli ${step.refused} # fails, as it must`;
  if ("during" in step) return `redis-cli ${step.during} &\nsleep 0.2; redis-cli ${step.command}`;
  const replace = step.replace === true ? " REPLACE" : "";
  return `redis-cli --raw DUMP g | head -c -1 | redis-cli -X dump RESTORE ${step.restored} 0 dump${replace}`;
}

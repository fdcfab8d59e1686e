// What a bundle can be shown for. In our own words, and no more than it shows: it is evidence for an auditor to weigh, not
// a statement that a control is met.
import type { Decision } from "./decide.ts";
import { headline } from "./words.ts";

interface Control {
  readonly asked: string;
  readonly shown: string;
  readonly notShown: string;
}

const controls: readonly Control[] = [
  {
    asked:
      "SOC 2, A1.2: environment, software, backup and recovery infrastructure are designed, operated and watched so that availability commitments can be met",
    shown:
      "backups of a graph of the stated size were made and restored by the stated system, with their time, size and encryption (`runs/*/result.json`, `phases.jsonl`)",
    notShown: "that your production backups run, are kept where they should be, or are watched: a drill makes its own",
  },
  {
    asked: "SOC 2, A1.3: recovery procedures are tested",
    shown:
      "when each test started, on what engine, which data sets were restored, what was compared, which differences there were, and RTO and RPO against the policy (`decision.md`, `runs/*/findings.jsonl`, `runs/*/observations/`)",
    notShown:
      "that the people and the procedure of a real recovery were tested: nobody was called, and no production data was restored",
  },
  {
    asked: "ISO 22301, 8.4: business continuity plans and procedures, with recovery time and point objectives",
    shown: "the objectives in `policy/`, and the measured recovery time and loss of acknowledged writes next to them",
    notShown: "the business impact analysis that the objectives should come from",
  },
  {
    asked: "ISO 22301, 8.5: exercising and testing at planned intervals, with reports and follow-up",
    shown:
      "one exercise with its report, its seed to repeat it, and each accepted exception with owner, reason and expiry",
    notShown: "the schedule, and that what an earlier exercise found was followed up; the exceptions show what is open",
  },
  {
    asked: "ISO 22301, 9.1: measuring and evaluating",
    shown: "measured figures with the margin to each objective, and how much was looked at (witnesses)",
    notShown: "a trend: that needs several bundles",
  },
];

export function controlsText(decision: Decision): string {
  return `# What this bundle can be shown for

${headline(decision)}. Decided at ${decision.decidedAt}.

${controlsMapping()}
## Checking it

Every file is named with its SHA-256 in \`test-result.json\`, \`drill.json\` and \`SHA256SUMS\`, which are signed:

    falkordrill gate verify <this folder> --key <public key of the signer>
    gpg --verify SHA256SUMS.asc SHA256SUMS && sha256sum --check --strict SHA256SUMS

The second line needs nothing of FalkorDrill. It does not see files that were added, and does not judge the runs again.
`;
}

/** The mapping itself, as Markdown; README.md next to this file holds the same. */
export function controlsMapping(): string {
  const intro = [
    "The paragraphs of SOC 2 (trust services criteria, availability) and ISO 22301 are in our words. Whether a control is met",
    "is for an auditor to say; below is what these files show of it, and what they do not.",
  ];
  const parts = controls.map(
    ({ asked, shown, notShown }) => `- **${asked}.**\n  - Shown: ${shown}.\n  - Not shown: ${notShown}.\n`,
  );
  return `${intro.join("\n")}\n\n${parts.join("")}`;
}

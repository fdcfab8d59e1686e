// The decision as one HTML file: no network, no script, light and dark, printable.
import { tableOf } from "../html/parts.ts";
import { html, type Markup, trusted } from "../html/markup.ts";
import { type Decision, passedOf, type RunSummary } from "./decide.ts";
import type { ExceptionUse } from "./exceptions.ts";
import type { RuleResult } from "./rule.ts";
import { evidenceOf, exceptionName, headline, subjectOf, whereOf } from "./words.ts";

const style = trusted(`
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #3d444d); --soft: light-dark(#59636e, #9198a1);
  --met: light-dark(#1a7f37, #3fb950); --missed: light-dark(#cf222e, #ff7b72); --unknown: light-dark(#9a6700, #d29922); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #f0f6fc); }
h1 { font-size: 1.6rem; border-left: .5rem solid var(--tone); padding-left: .75rem; }
.go, .met { --tone: var(--met); } .no-go, .missed { --tone: var(--missed); }
.inconclusive, .unknown, .excused { --tone: var(--unknown); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; min-width: 7rem; } th { color: var(--soft); font-weight: 600; }
td.status { color: var(--tone); font-weight: 600; } p, small { color: var(--soft); } code { font-size: .9em; }
@media (max-width: 45rem) { thead { display: none; } tr, td { display: block; } td { border: 0; padding: .1rem 0; }
  tr { border-bottom: 1px solid var(--line); padding: .6rem 0; } }
@media print { body { margin: 0; max-width: none; } }
`);

export function decisionPage(decision: Decision): string {
  const { policy, decidedAt, rules, exceptions, runs } = decision;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Release gate: ${decision.decision}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1 class="${decision.decision}">${headline(decision)}</h1>
          <p>
            Policy: ${policy.name}. Decided at <time datetime="${decidedAt}">${decidedAt}</time>. Exit code
            ${decision.exitCode}.
          </p>
          <h2>Rules</h2>
          ${table(["rule", "status", "evidence", "first look at"], rules.map(ruleRow))}
          <h2>Exceptions</h2>
          ${exceptions.length === 0 ? html`<p>None.</p>` : table(exceptionHead, exceptions.map(exceptionRow))}
          <h2>Runs</h2>
          ${table(["run", "started", "seed", "passed", "system", "engine", "tool", "again with"], runs.map(runRow))}
        </main>
      </body>
    </html> `;
  return page.text;
}

function table(head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll">${tableOf(head, rows)}</div>`;
}

function ruleRow(judged: RuleResult): Markup {
  return html`<tr>
    <td>${subjectOf(judged)}</td>
    <td class="status ${judged.status}">${judged.status}</td>
    <td>${evidenceOf(judged)}</td>
    <td>
      ${whereOf(judged)}${
        judged.status !== "met" && judged.replay !== undefined && html`<br /><code>${judged.replay}</code>`
      }
    </td>
  </tr> `;
}

const exceptionHead = ["what", "status", "owner", "until", "reason", "covers"];

function exceptionRow(use: ExceptionUse): Markup {
  const tone = { used: "excused", unused: "met", expired: "missed", refused: "missed" }[use.status];
  return html`<tr>
    <td>${exceptionName(use)}${use.acceptsWrongData === true && html`<br /><small>accepts wrong data</small>`}</td>
    <td class="status ${tone}">${use.status}</td>
    <td>${use.owner}</td>
    <td>${use.expires}</td>
    <td>${use.reason}</td>
    <td>${use.excuses.map((what) => html`${what}<br />`)}</td>
  </tr> `;
}

function runRow(run: RunSummary): Markup {
  const { name, startedAt, seed, system, engines, tool, replay } = run;
  const passed = `${passedOf(run)} of ${run.results.length}`;
  const version = `${tool.version} ${tool.commit?.slice(0, 12) ?? ""}`;
  return html`<tr>
    <td>${name}</td>
    <td>${startedAt}</td>
    <td>${seed}</td>
    <td>${passed}</td>
    <td>${system}</td>
    <td>${engines.join(", ")}</td>
    <td>${version}</td>
    <td><code>${replay}</code></td>
  </tr> `;
}

// The page that starts a backup, a proof or a drill, and the question before it.
import { formatDuration } from "../../base/units.ts";
import { html, type Markup, type MarkupValue } from "../../../reports/html/markup.ts";
import { part, verdictSign } from "../../../reports/html/parts.ts";
import { commandLine, type OperateCommand, type OperationKind } from "../operate/commands.ts";
import type { Operations } from "../operate/operations.ts";
import { plainLead, wideTable } from "./frame.ts";
import { age } from "./words.ts";

const does: Readonly<Record<OperationKind, string>> = {
  backup:
    "It reads the whole server and adds a restore point to its vault. Where a graph service coordinates writes, they pause for its cut.",
  proof:
    "It restores a backup into an engine of its own on this machine, compares it, and records what it found in the vault.",
  drill: "It starts engines of its own on this machine, and puts load on it for as long as the drill takes.",
};

/** `outputAt`: where the output of this name is shown. */
export function operatePage(operations: Operations, outputAt: (name: string) => string, nowMs: number): Markup {
  const rows = operations.commands.map((command): readonly MarkupValue[] => [
    html`${command.name}<code class="sub">${commandLine(command)}</code>`,
    command.kind,
    stateOf(operations, command, outputAt, nowMs),
    html`<form action="/operate/confirm">
      <input type="hidden" name="command" value="${command.name}" />
      <button aria-label="Start: ${command.name}" ${operations.isBusy(command) && html`disabled`}>Start</button>
    </form>`,
  ]);
  const columns = [["Command"], ["Kind", "whole"], ["Last"], ["Start", "whole"]] as const;
  const about = html`<p>Those under monitor.operate in the configuration. One of each kind runs at a time.</p>`;
  return html`${plainLead("Operate", "Commands that can be started here. Who starts one is on record.")}
  ${part("commands", "Commands", about, wideTable("Commands that can be started", columns, rows))}`;
}

function stateOf(
  operations: Operations,
  command: OperateCommand,
  outputAt: (name: string) => string,
  nowMs: number,
): Markup {
  const last = operations.lastOf(command);
  if (last === undefined) return html`<span class="quiet">not started since this monitor was</span>`;
  const { startedMs, ended, output } = last;
  const link = html`<a href="${outputAt(output)}">its output</a>`;
  if (ended === undefined) return html`${verdictSign("open", "running")} for ${age(startedMs, nowMs)}, ${link}`;
  const sign = verdictSign(ended.isGood ? "pass" : "fail", ended.how);
  return html`${sign}<span class="sub"
      >${age(ended.atMs, nowMs)} ago, after ${formatDuration(ended.atMs - startedMs)}; ${link}</span
    >`;
}

/** `code`: what this page alone gives away. */
export function confirmPage(command: OperateCommand, code: string): Markup {
  const { name, kind } = command;
  return html`${plainLead(`Start this ${kind}?`, name)}
  ${part(
    "asked",
    "Command",
    html`<p>Exactly this runs, on the machine of the monitor.</p>`,
    html`<pre tabindex="0">${commandLine(command)}</pre>
      <p>${does[kind]}</p>
      <form class="answer" method="post" action="/operate/start">
        <input type="hidden" name="command" value="${name}" />
        <input type="hidden" name="code" value="${code}" />
        <button class="main">Start the ${kind}</button>
        <a href="/operate">Cancel</a>
      </form>`,
  )}`;
}

export function refusedPage(title: string, why: string): Markup {
  return html`${plainLead(title, html`<span role="alert">${why}</span>`)}
    <p class="asof"><a href="/operate">Back to the commands</a></p>`;
}

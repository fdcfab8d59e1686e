// The frame of every page: one style and one script of our own, and nothing else that a browser would load.
import { html, type Markup, type MarkupValue } from "../../../reports/html/markup.ts";
import { scriptAsset, styleAsset } from "./assets.ts";
import { systemClock } from "../../base/clock.ts";
import { utc } from "./words.ts";

export interface DashboardPage {
  readonly title: string;
  /** Path of the page in the navigation that this one belongs to. */
  readonly at: string;
  readonly body: MarkupValue;
  /** Seconds after which the page asks for itself again; what did not change stays. */
  readonly refreshSeconds?: number;
}

const sections = [
  ["/", "Overview"],
  ["/points", "Restore points"],
  ["/activity", "Activity"],
  ["/charts", "Charts"],
] as const;

/** With which a page is answered. */
export type PageStatus = 200 | 403 | 404 | 409 | 500;

export interface Viewer {
  readonly isSignedIn: boolean;
  readonly mayOperate: boolean;
}

export function dashboardPage({ title, at, body, refreshSeconds }: DashboardPage, viewer: Viewer): string {
  const shown = viewer.mayOperate ? [...sections, ["/operate", "Operate"] as const] : sections;
  return documentOf(
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
      <div class="page">
        <header class="top dash">
          <a class="brand" href="/">FalkorDrill</a>
          <nav aria-label="Pages">
            <ul>
              ${shown.map(([path, name]) => html`<li><a href="${path}" ${path === at && html`aria-current="page"`}>${name}</a></li>`)}
            </ul>
          </nav>
          ${viewer.isSignedIn && html`<form method="post" action="/logout"><button class="plain">Sign out</button></form>`}
        </header>
        <p id="stale" class="stale" role="alert" hidden></p>
        <main
          id="main"
          tabindex="-1"
          ${refreshSeconds !== undefined && html`data-refresh="${refreshSeconds}" data-at="${utc(systemClock.nowMs())}"`}
        >
          ${body}
        </main>
        <div id="said" class="unseen" role="status"></div>
      </div>`,
  );
}

/** `path`: where to go after it. */
export function loginPage(path: string, refusal?: string): string {
  return documentOf(
    "Sign in",
    html`<main class="login">
      <h1><span class="brand">FalkorDrill</span> Sign in</h1>
      <form method="post" action="/login">
        <input type="hidden" name="to" value="${path}" />
        <input name="username" autocomplete="username" value="monitor" hidden />
        <label for="token">Token of this monitor</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
        ${refusal !== undefined && html`<p class="missed" role="alert">${refusal}</p>`}
        <button>Sign in</button>
      </form>
      <p class="quiet small">It is in the file that was given as --token-file.</p>
    </main>`,
  );
}

function documentOf(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - FalkorDrill</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${styleAsset.path}" />
        <script src="${scriptAsset.path}" defer></script>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

/** A table that becomes a list of cards on a narrow screen, and stays a table for a screen reader. */
export function wideTable(
  caption: string,
  columns: readonly (readonly [name: string, className?: string, head?: Markup])[],
  rows: readonly (readonly MarkupValue[])[],
): Markup {
  return html`<table class="wide" role="table">
    <caption class="unseen">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(([name, className = "", head]) => head ?? html`<th scope="col" role="columnheader" class="${className}">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (cells) =>
          html`<tr role="row">
            ${cells.map((cell, index) => {
              const [name, className = ""] = columns[index] ?? [""];
              return index === 0
                ? html`<th scope="row" role="rowheader">${cell}</th>`
                : html`<td role="cell" class="${className}" data-label="${name}"><div>${cell}</div></td>`;
            })}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** How a page begins that has no verdict of its own. */
export function plainLead(title: string, sentence: MarkupValue): Markup {
  return html`<div class="lead quiet-lead">
    <h1>${title}</h1>
    <p class="sentence">${sentence}</p>
  </div>`;
}

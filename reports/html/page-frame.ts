// The frame of our pages: one file that opens from disk and asks nothing of a network, and in which no style and no script
// runs but its own.
import { hashOf } from "./content-policy.ts";
import { reportStyles } from "./style.ts";
import { html, type Markup, type MarkupValue, trusted } from "./markup.ts";

export interface PageFrame {
  readonly title: string;
  readonly body: MarkupValue;
  /** Script of the page; without it the policy allows no script at all. */
  readonly script?: Markup;
}

export function pageFrame({ title, body, script }: PageFrame): string {
  const scripts = script === undefined ? "" : html` script-src '${hashOf(script)}';`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${hashOf(reportStyles)}';${scripts} img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${reportStyles.text}</style>`)}
      </head>
      <body>
        ${body} ${script === undefined ? "" : trusted(`<script>${script.text}</script>`)}
      </body>
    </html> `.text;
}

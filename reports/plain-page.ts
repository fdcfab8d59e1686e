// The frame of a page without a script: one file that opens from disk and asks nothing of a network.
import { hashOf } from "./content-policy.ts";
import { reportStyles } from "./html-style.ts";
import { html, type MarkupValue, trusted } from "./markup.ts";

export function plainPage(title: string, body: MarkupValue): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${hashOf(reportStyles)}'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${reportStyles.text}</style>`)}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

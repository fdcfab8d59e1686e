// The style of the HTML report: one column of text size, hairlines instead of boxes, colour only where it means something.
import { type Markup, trusted } from "./markup.ts";
import { chartStyles } from "../svg/svg.ts";

const light = `
  --page: #ffffff; --surface: #ffffff; --raised: #f6f6f4; --ink: #191c20; --ink-2: #59606b; --line: #e5e5e1; --line-2: #bfc1bd;
  --track: #efefec; --hatch: #f3f3f1; --accent: #2a59c8; --second: #0b7580; --third: #7b47bd; --good: #1a7446; --bad: #b3231a;
  --warn: #8a5c00; --muted: #868c96; --good-bg: #e7f3ec; --bad-bg: #fcebe9; --warn-bg: #faf0d9; --mark: #ffdf85;`;
const dark = `
  --page: #121417; --surface: #121417; --raised: #1b1e23; --ink: #e6e8eb; --ink-2: #a3aab5; --line: #272b31; --line-2: #474c55;
  --track: #22262c; --hatch: #2a2e35; --accent: #7fa5ff; --second: #55c2cd; --third: #b998f5; --good: #62c191; --bad: #ff8177;
  --warn: #dfaa45; --muted: #7d8490; --good-bg: #16291f; --bad-bg: #33191a; --warn-bg: #2c2413; --mark: #6d5608;`;

export const reportStyles: Markup = trusted(`
:root { color-scheme: light dark; --font: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --small: .75rem; --text: .875rem; --mid: 1.0625rem; --big: 1.5rem; --huge: 2.5rem;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 16px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: var(--text)/1.5 var(--font); }
.page { max-width: 1160px; margin: 0 auto; padding: 0 28px; }
h1, h2, h3, h4, p, dl, dd, ul, ol, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font-size: var(--mid); line-height: 1.3; font-weight: 650; }
h3 { font-size: var(--text); font-weight: 650; }
h4 { font-size: var(--small); font-weight: 600; color: var(--ink-2); }
a { color: var(--accent); text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); text-underline-offset: 2px; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code, pre, .mono { font-family: var(--mono); font-size: var(--small); }
.quiet { color: var(--ink-2); }
.small { font-size: var(--small); }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 16px; top: 8px; background: var(--page); padding: 6px 10px; z-index: 2; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.top { display: flex; flex-wrap: wrap; gap: 4px 24px; justify-content: space-between; align-items: baseline; padding: 18px 0; font-size: var(--small); }
.top > * { min-width: 0; overflow-wrap: anywhere; }
.top nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; }
.top .brand { font-weight: 650; }
.top nav a { color: var(--ink-2); text-decoration: none; } .top nav a:hover { color: var(--ink); text-decoration: underline; }

.lead { border-top: 3px solid var(--tone); padding: 22px 0 0; }
.lead.pass { --tone: var(--good); } .lead.fail { --tone: var(--bad); } .lead.inconclusive { --tone: var(--warn); }
.lead h1 { font-size: var(--huge); line-height: 1.1; font-weight: 680; letter-spacing: -.02em; color: var(--tone); }
.lead .sentence { font-size: var(--mid); line-height: 1.4; margin-top: 6px; max-width: 46em; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); margin-top: 24px; border-top: 1px solid var(--line); }
.facts > div { padding: 14px 20px 14px 0; } .facts > div + div { padding-left: 20px; border-left: 1px solid var(--line); }
.facts dt { font-size: var(--small); color: var(--ink-2); }
.facts .value { font-size: var(--big); line-height: 1.3; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.facts .value.none { font-size: var(--mid); line-height: 33px; font-weight: 400; color: var(--ink-2); }
.facts .sub { font-size: var(--small); color: var(--ink-2); overflow-wrap: anywhere; }
.drilled { display: flex; flex-wrap: wrap; gap: 2px 22px; margin-top: 14px; color: var(--ink-2); }
.drilled dt { display: inline; font-size: var(--small); } .drilled dt::after { content: " "; } .drilled dd { display: inline; color: var(--ink); overflow-wrap: anywhere; }
.lead:has(.note) { padding-bottom: 20px; } .facts .value .unit { font-size: var(--small); font-weight: 400; letter-spacing: 0; white-space: nowrap; }
.lead .note { margin-top: 10px; max-width: 60em; overflow-wrap: anywhere; } .lead .damage { font-weight: 600; }
.met { color: var(--good); font-weight: 600; } .missed { color: var(--bad); font-weight: 600; } .not-judged { color: var(--warn); font-weight: 600; }

.trends { padding-bottom: 22px; } .trends .key { margin: 14px 0 0; } .worse li { margin-top: 6px; overflow-wrap: anywhere; }

section.part { display: grid; grid-template-columns: 168px minmax(0, 1fr); gap: 12px 36px; padding: 28px 0 32px; border-top: 1px solid var(--line); }
section.part > header { font-size: var(--small); color: var(--ink-2); } section.part > header h2 { color: var(--ink); margin-bottom: 4px; }
.stack > * + * { margin-top: 18px; }

.verdict { display: inline-flex; gap: 5px; align-items: baseline; font-size: var(--small); font-weight: 600; white-space: nowrap; }
.verdict.pass { color: var(--good); } .verdict.fail { color: var(--bad); } .verdict.inconclusive { color: var(--warn); } .verdict.open { color: var(--ink-2); font-weight: 400; }
.verdict .sign { font-size: var(--small); width: 1em; text-align: center; }

.replay { display: flex; align-items: stretch; border: 1px solid var(--line); border-radius: 4px; background: var(--raised); }
.replay .word { display: inline-block; max-width: 100%; }
.replay code { flex: 1; min-width: 0; padding: 6px 10px; overflow-wrap: anywhere; }
button, select, input { font: inherit; font-size: var(--text); color: inherit; }
button { border: 1px solid var(--line-2); background: var(--surface); border-radius: 4px; padding: 3px 10px; cursor: pointer; }
button:hover { border-color: var(--ink-2); }
.replay + .replay { margin-top: 8px; }
.replay button { border-width: 0 0 0 1px; border-color: var(--line); border-radius: 0 3px 3px 0; min-width: 68px; font-size: var(--small); color: var(--ink-2); background: none; }
.replay button:hover { color: var(--ink); }

.finding { border-left: 2px solid var(--line-2); padding-left: 14px; }
.finding { --kind: var(--line-2); border-color: var(--kind); } .finding + .finding { margin-top: 20px; }
.finding.data { --kind: var(--bad); } .finding.system { --kind: var(--third); } .finding.objective, .finding.warning { --kind: var(--warn); }
.finding.assumption { --kind: var(--second); border-left-style: dashed; } .finding.ours, .finding.machine, .finding.engine { --kind: var(--ink-2); border-left-style: dotted; }
.finding .kind { font-size: var(--small); font-weight: 600; color: var(--kind); }
.finding .code { font-family: var(--mono); font-size: var(--small); font-weight: 600; }
.finding .subject { font-family: var(--mono); font-size: var(--small); color: var(--ink-2); overflow-wrap: anywhere; }
.finding .message { overflow-wrap: anywhere; }
.finding .next { color: var(--ink-2); }
.sides { width: 100%; margin-top: 8px; border-collapse: collapse; table-layout: fixed; font-size: var(--small); }
.sides th { text-align: left; font-weight: 600; font-size: var(--small); color: var(--ink-2); padding: 4px 12px 4px 0; vertical-align: top; overflow-wrap: anywhere; }
.sides td { padding: 5px 10px; vertical-align: top; border-left: 1px solid var(--line); font-family: var(--mono); overflow-wrap: anywhere; white-space: pre-wrap; }
.sides thead th + th { padding-left: 11px; } .sides tr + tr > * { border-top: 1px solid var(--line); }
.sides tbody tr:first-child > * { border-top: 1px solid var(--line-2); }
.sides .what { width: 22%; }
mark { background: var(--mark); color: inherit; border-radius: 2px; } mark.gap::before { content: "∅"; font-family: var(--font); padding: 0 3px; }
pre { margin: 8px 0 0; padding: 8px 10px; background: var(--raised); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 320px; overflow: auto; }

.key { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: var(--small); color: var(--ink-2); margin: 2px 0 8px; }
.key b { font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
.key-swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; vertical-align: -1px; }
.key-swatch.band { opacity: .35; }
figure { overflow-x: clip; }

.lead.card { --tone: var(--line-2); } .lead.card h1 { color: var(--ink); overflow-wrap: anywhere; }
.criteria > li { display: grid; grid-template-columns: 124px minmax(0, 1fr); gap: 2px 12px; padding: 12px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.criteria.plain > li { display: block; } .criteria > li:first-child { border-top: 0; padding-top: 0; } .criteria > li:target { background: var(--raised); }
.criteria p + p, .criteria .finding, .criteria details { margin-top: 4px; } .criteria p.replay { margin-top: 6px; } .criteria .finding { margin-bottom: 4px; }
.map > li { display: grid; grid-template-columns: 124px minmax(0, 1fr); gap: 12px; margin-top: 6px; } .records > li { margin-top: 8px; overflow-wrap: anywhere; }

.filters { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; margin-bottom: 10px; }
.filters input[type=search] { width: 17em; max-width: 100%; padding: 4px 9px; border: 1px solid var(--line-2); border-radius: 4px; background: var(--surface); }
.filters select { padding: 4px 6px; border: 1px solid var(--line-2); border-radius: 4px; background: var(--surface); }
.filters fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 4px 14px; } .filters legend { float: left; }
.filters label { display: inline-flex; gap: 5px; align-items: center; } .filters input[type=checkbox] { margin: 0; accent-color: var(--accent); }
.filters output { color: var(--ink-2); font-size: var(--small); margin-left: auto; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.scroll table { border-collapse: collapse; font-size: var(--text); }
.scroll th, .scroll td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.scroll td { min-width: 11em; font-variant-numeric: tabular-nums; }
.scroll thead th { font-weight: 500; } .wide tbody th { min-width: 13em; font-weight: 500; }
.figures tbody th { font-weight: 400; } .figures td { min-width: 0; }
figcaption { font-size: var(--small); font-weight: 600; margin-bottom: 4px; }
.verified { width: 100%; border-collapse: collapse; }
.verified th, .verified td { padding: 6px 18px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; overflow-wrap: anywhere; }
.verified thead th { font-size: var(--small); font-weight: 600; color: var(--ink-2); border-color: var(--line-2); }
.verified tbody th { font-weight: 500; width: 34%; } .verified td { font-variant-numeric: tabular-nums; } .verified .num { text-align: right; } .verified :is(th, td):last-child { padding-right: 0; width: 7.5em; }
.verified .open > *, .verified .open .verdict { color: var(--ink-2); font-weight: 400; }
.list { width: 100%; border-collapse: collapse; table-layout: fixed; }
.list th { text-align: left; font-size: var(--small); font-weight: 600; color: var(--ink-2); padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line-2); }
.list th.num { text-align: right; }
.list td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.list th:last-child, .list td:last-child { padding-right: 0; }
.list .title { color: var(--ink-2); font-size: var(--small); }
.list .c-verdict { width: 112px; } .list .c-time { width: 92px; } .list .c-loss { width: 92px; } .list .c-found { width: 78px; }
.list tr:target > * { background: var(--raised); }

details.scenario { border-top: 1px solid var(--line); }
details.scenario:last-of-type { border-bottom: 1px solid var(--line); }
details.scenario > summary { display: grid; grid-template-columns: 104px minmax(0, 1fr) auto; gap: 2px 12px; align-items: baseline; padding: 9px 0; cursor: pointer; list-style: none; }
details.scenario > summary::-webkit-details-marker { display: none; }
details.scenario > summary h3 { overflow-wrap: anywhere; font-weight: 600; } details.scenario > summary:hover h3 { text-decoration: underline; text-underline-offset: 2px; }
details.scenario > summary .title { grid-column: 2 / -1; color: var(--ink-2); font-size: var(--small); }
details.scenario > summary .time { color: var(--ink-2); font-size: var(--small); font-variant-numeric: tabular-nums; }
details.scenario > summary .time::after { content: " +"; font-family: var(--mono); } details.scenario[open] > summary .time::after { content: " −"; }
details.scenario > .body { padding: 8px 0 28px; } .body > * + * { margin-top: 22px; } .body h4 { margin-bottom: 8px; }
details.rest { margin-top: 14px; } details.rest > .stack { margin-top: 14px; }
details.more > summary { cursor: pointer; color: var(--ink-2); font-size: var(--small); }
.pairs { columns: 2 320px; column-gap: 36px; font-size: var(--text); }
.pairs > div { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.pairs dt { color: var(--ink-2); flex: 0 1 auto; } .pairs dd { text-align: right; min-width: 40%; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
footer { overflow-wrap: anywhere; padding: 20px 0 48px; border-top: 1px solid var(--line); color: var(--ink-2); font-size: var(--small); }
${chartStyles.text}
@media (max-width: 1000px) {
  section.part { grid-template-columns: minmax(0, 1fr); }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); } .facts > div:nth-child(3) { padding-left: 0; border-left: 0; } .facts > div:nth-child(n+3) { border-top: 1px solid var(--line); }
}
@media (max-width: 560px) {
  .page { padding: 0 16px; } .top { padding: 12px 0; } .lead { padding-top: 16px; } .lead h1, .facts .value { font-size: var(--big); }
  .facts > div { padding: 10px 12px 10px 0; } .facts > div + div { padding-left: 12px; }
  .list .c-verdict { width: 24px; } .list .c-time { width: 68px; } .list .c-loss { width: 84px; } .list .c-length, .list .c-found { display: none; }
  .list th, .list td { padding-right: 8px; } .list td .verdict .word, .list .c-verdict .name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .sides .what { width: 26%; }
  .figures tr > :last-child { display: none; }
  .verified thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } .verified tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 10px; padding: 6px 0; border-bottom: 1px solid var(--line); }
  .verified tbody :is(th, td) { border: 0; padding: 0; width: auto; } .verified td:nth-child(2) { grid-column: 1 / -1; grid-row: 2; color: var(--ink-2); } .verified td:last-child { width: auto; }
  .criteria > li { grid-template-columns: minmax(0, 1fr); }
  .filters output { margin-left: 0; width: 100%; } .filters input[type=search] { width: 100%; } .filters > label:first-child { width: 100%; flex-wrap: wrap; }
  details.scenario > summary { grid-template-columns: 20px minmax(0, 1fr) auto; } details.scenario > summary .verdict .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root { color-scheme: light; ${light} }
  @page { margin: 14mm; }
  html { font-size: 80%; } .page { max-width: none; padding: 0; } .top nav, .filters, .replay button, .skip { display: none; }
  section.part { grid-template-columns: minmax(0, 1fr); padding: 14px 0; } .facts { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .facts > div:nth-child(3) { padding-left: 20px; border-left: 1px solid var(--line); } .facts > div:nth-child(n+3) { border-top: 0; }
  .chart, .finding, .list tr, .verified tr { break-inside: avoid; } h2, h3, h4, section.part > header { break-after: avoid; } pre { max-height: none; }
  details.scenario > summary .time::after, details.scenario[open] > summary .time::after { content: ""; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`);

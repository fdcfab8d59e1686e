// What the dashboard adds to the style of the reports.
export const dashboardStyles: string = `
.top.dash { align-items: center; justify-content: flex-start; }
.top.dash nav { flex: 1; } .top.dash .brand { color: var(--ink); text-decoration: none; }
.top.dash nav a { display: inline-block; padding: 4px 0; } .top.dash nav a[aria-current] { color: var(--ink); font-weight: 600; }
button.plain { border: 0; background: none; color: var(--ink-2); font-size: var(--small); padding: 4px 0; } button.plain:hover { color: var(--ink); text-decoration: underline; }
.stale { background: var(--warn-bg); color: var(--ink); padding: 8px 12px; border-radius: 4px; margin-bottom: 18px; }
.lead + .stack { margin-top: 22px; padding-bottom: 40px; } .lead + section.part { margin-top: 26px; } .lead.quiet-lead { --tone: var(--line-2); } .lead.quiet-lead h1 { color: var(--ink); font-size: var(--big); overflow-wrap: anywhere; }
.asof { color: var(--ink-2); font-size: var(--small); margin-top: 14px; }
.wide { width: 100%; border-collapse: collapse; }
.wide th, .wide td { padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; overflow-wrap: anywhere; }
.wide thead th { font-size: var(--small); font-weight: 600; color: var(--ink-2); border-color: var(--line-2); }
.wide thead th a { color: inherit; text-decoration: none; } .wide thead th a:hover { text-decoration: underline; }
.wide thead th[aria-sort] a { color: var(--ink); } .wide thead th[aria-sort] a::after { content: " \\2193"; } .wide thead th[aria-sort=ascending] a::after { content: " \\2191"; }
.wide tbody th { font-weight: 500; } .wide td { font-variant-numeric: tabular-nums; }
.wide .num { text-align: right; } .wide :is(.num, .whole) { white-space: nowrap; } .wide :is(th, td):last-child { padding-right: 0; }
.wide .sub { display: block; font-size: var(--small); font-weight: 400; color: var(--ink-2); }
.finding.critical { --kind: var(--bad); } .finding .name { font-weight: 600; overflow-wrap: anywhere; }
figcaption .quiet { font-weight: 400; margin-left: 6px; } .pages { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: baseline; margin-top: 14px; } .pages .quiet { margin-right: auto; }
.answer { display: flex; gap: 18px; align-items: baseline; } button.main { padding: 7px 14px; background: var(--ink); color: var(--page); border-color: var(--ink); }
button:disabled { color: var(--ink-2); background: none; border-color: var(--line); cursor: default; }
.filters label { font-size: var(--small); color: var(--ink-2); } .filters :is(select, input) { color: var(--ink); }
.log { font: var(--small)/1.6 var(--mono); background: var(--raised); border-radius: 4px; padding: 10px 12px; margin: 18px 0 40px; height: 70vh; overflow: auto; }
.log > div { white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.6em; }
.login { max-width: 22rem; margin: 14vh auto 0; padding: 0 16px; } .login h1 { font-size: var(--big); font-weight: 650; margin-bottom: 18px; } .login .brand { display: block; font-size: var(--small); color: var(--ink-2); font-weight: 650; }
.login form { display: grid; gap: 8px; } .login input { width: 100%; padding: 7px 10px; border: 1px solid var(--line-2); border-radius: 4px; background: var(--surface); }
.login button { margin-top: 6px; padding: 7px 10px; background: var(--ink); color: var(--page); border-color: var(--ink); } .login p.small { margin-top: 14px; }
@media (max-width: 640px) {
  .wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .wide, .wide tbody, .wide tr { display: block; } .wide tr { padding: 10px 0; border-bottom: 1px solid var(--line); }
  .wide tbody :is(th, td) { display: flex; justify-content: space-between; gap: 16px; padding: 2px 0; border: 0; text-align: right; white-space: normal; }
  .wide tbody th { display: block; text-align: left; } .wide td::before { content: attr(data-label); color: var(--ink-2); font-size: var(--small); text-align: left; flex: none; }
  .wide .num { text-align: right; }
  .top.dash { gap: 2px 18px; } .top.dash nav { order: 3; flex-basis: 100%; } .top.dash form { margin-left: auto; }
}
`;

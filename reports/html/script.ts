// What the HTML report does in a browser: filters, copying, and opening what a link or the printer asks for. Without
// script the report still shows everything.
import { type Markup, trusted } from "./markup.ts";

/** Copies the command next to a button; uses `one`, and says in #said what became of it. */
export const copyScript: string = `  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* The older way follows. */ }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (button === null) return;
    const done = await copy(button.parentElement.querySelector("code").textContent.trim());
    button.textContent = done ? "Copied" : "Select it";
    one("#said").textContent = done ? "The command was copied." : "The browser does not allow copying.";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });`;

export const reportScript: Markup = trusted(`
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Filters. The text of the rows is read once.
  const form = one("#filters");
  const rows = all("#list tbody tr").map((row) => ({ row, text: row.textContent.toLowerCase(), verdict: row.dataset.verdict, group: row.dataset.group }));
  const applyFilters = () => {
    const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const verdicts = new Set(all("#filters input[name=verdict]:checked").map((box) => box.value));
    const group = form.elements.group.value;
    let shown = 0;
    for (const { row, text, verdict, group: own } of rows) {
      const fits = verdicts.has(verdict) && (group === "" || own === group) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    const total = rows.length.toLocaleString("en-US");
    one("#shown").textContent = (shown === rows.length ? "" : shown.toLocaleString("en-US") + " of ") + total + " scenarios";
  };
  let planned = false;
  const planFilters = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; applyFilters(); });
  };
  form.addEventListener("input", planFilters);
  form.addEventListener("reset", () => setTimeout(planFilters));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); form.elements.text.focus(); }
    if (event.key === "Escape" && typing && form.contains(event.target)) form.reset();
  });

  // A link to a scenario opens it, and shows its row where a filter has hidden it.
  const openTarget = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id === "" ? null : document.getElementById(id);
    if (target === null) return;
    if (target.hidden) { form.reset(); applyFilters(); }
    for (let node = target; node !== null; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();

${copyScript}

  // On paper nothing can be opened, so all is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
})();
`);

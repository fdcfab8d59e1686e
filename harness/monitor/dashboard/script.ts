// What the pages do in a browser: they ask for themselves again and take over what changed, and copy commands. Without script
// they show the same, once.
import { copyScript } from "../../../reports/html/script.ts";

export const dashboardScript: string = `
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);

  // Only what changed is exchanged, so that focus, selection and open details stay.
  const take = (from, to) => {
    if (from.isEqualNode(to)) return;
    const same = from.childElementCount === to.childElementCount && from.childElementCount > 0 &&
      [...from.children].every((child, at) => child.tagName === to.children[at].tagName) && ownText(from) === ownText(to) && attributes(from) === attributes(to);
    if (!same || from.tagName === "svg") { if (!from.contains(document.activeElement) || document.activeElement === document.body) from.replaceWith(document.importNode(to, true)); return; }
    for (const [at, child] of [...from.children].entries()) take(child, to.children[at]);
  };
  const ownText = (node) => [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data.trim()).join("|");
  const attributes = (node) => [...node.attributes].filter(({ name }) => name !== "open").map(({ name, value }) => name + "=" + value).join();
  const stale = one("#stale");
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(15000) });
      if (answer.redirected && new URL(answer.url).pathname === "/login") { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      stale.hidden = true;
      const [from, to] = [one("main"), page.querySelector("main")];
      if (from.childElementCount === to.childElementCount) for (const [at, child] of [...from.children].entries()) take(child, to.children[at]);
      else from.replaceChildren(...[...to.children].map((child) => document.importNode(child, true)));
      from.dataset.at = to.dataset.at;
      document.title = page.title;
    } catch {
      stale.textContent = "The monitor does not answer. What you see is of " + one("main").dataset.at + ".";
      stale.hidden = false;
    }
  };
  const seconds = Number(one("main")?.dataset.refresh ?? 0);
  if (seconds > 0) setInterval(() => { if (!document.hidden) refresh(); }, seconds * 1000);
  document.addEventListener("visibilitychange", () => { if (seconds > 0 && !document.hidden) refresh(); });

  // A filter applies when it is chosen.
  document.addEventListener("change", (event) => { if (event.target.matches(".filters select")) event.target.form.requestSubmit(); });

${copyScript}

  // A log. The browser itself asks again from the last line that it has, after any break.
  const log = one("#log");
  if (log !== null) {
    const state = one("#log-state");
    const source = new EventSource(log.dataset.lines);
    source.addEventListener("opened", () => { state.textContent = "Lines appear as they are written."; });
    source.addEventListener("error", () => { state.textContent = "The connection is broken; it is tried again, and no line is lost."; });
    source.addEventListener("another", () => log.replaceChildren());
    source.addEventListener("message", ({ data }) => {
      const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      const line = document.createElement("div");
      line.textContent = data;
      log.append(line);
      while (log.childElementCount > 5000) log.firstElementChild.remove();
      if (isAtEnd) log.scrollTop = log.scrollHeight;
    });
    addEventListener("pagehide", () => source.close());
  }
})();
`;

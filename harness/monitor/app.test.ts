// Who may read the metrics, and what a scrape gets while the first looks go on.
import { describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { monitorApp } from "./app.ts";
import { Monitor } from "./monitor.ts";

const token = "0123456789abcdef-of-the-test";
const options = { runs: [], disks: {}, objectives: { rtoMs: 900_000 }, everyMs: 1000, graphsMax: 9 };

/** A vault whose store never answers. */
function hanging(log: (line: string) => void = () => {}): Monitor {
  const open = (): Promise<never> => new Promise(() => {});
  return new Monitor({ ...options, log, vaults: [{ name: "v", region: "", open, keys: "/nowhere" }] });
}

function get(monitor: Monitor, headers: Readonly<Record<string, string>>, path = "/metrics"): Promise<Response> {
  const app = monitorApp({ monitor, token, log: (line) => lines.push(line) });
  return Promise.resolve(app.request(path, { headers }));
}
const lines: string[] = [];

describe("the metrics of a monitor", () => {
  it.each([
    ["no token", {}, 401],
    ["a wrong one", { authorization: "Bearer 0123456789abcdef-of-another" }, 403],
    ["the token in a query", {}, 401, `/metrics?token=${token}`],
    ["no token, on another path", {}, 401, "/"],
  ])("are not for a caller with %s", async (_, headers, status, path = "/metrics") => {
    const monitor = hanging();
    const answer = await get(monitor, headers, path);
    expect([answer.status, await answer.text()]).toEqual([status, expect.not.stringContaining("falkordrill_")]);
    expect(lines.at(-1)).toContain("without a good token was refused");
    expect(lines.join("\n")).not.toContain(token);
  });

  it("come before Prometheus gives up, with a 0 for the vault that hangs", async () => {
    const monitor = hanging();
    const startMs = systemClock.monotonicMs();
    const headers = { authorization: `Bearer ${token}`, "x-prometheus-scrape-timeout-seconds": "0.7" };
    const answer = await get(monitor, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    const text = await answer.text();
    expect(text).toContain('falkordrill_vault_up{vault="v",region=""} 0\n');
    expect(text).toContain('falkordrill_objective_seconds{objective="rto"} 900\n');
    expect(text.match(/vault="v"/g)).toHaveLength(1);
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(5000);
  });

  it("are all that there is", async () => {
    const answer = await get(hanging(), { authorization: `Bearer ${token}` }, "/other");
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ error: "no-route" })]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visible } from "../../harness/base/one-line.ts";
import { html, trusted } from "../html/markup.ts";
import { bars } from "./bars.ts";
import { gantt } from "./gantt.ts";
import { lineChart } from "./line-chart.ts";
import { axis, percentOnAxis, roundAxis } from "./scale.ts";

const drawing = { id: "c", title: "T", description: "D" };
const hostile = `"><script>alert(1)</script>'&\u202E\u0000`;
const plain = String;

describe("markup", () => {
  it("escapes every value, whatever its type and position", () => {
    expect(html`<a title="${hostile}">${[hostile, 1, undefined, false]}</a>`.text).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;\\u202e\\u0000">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;\\u202e\\u00001</a>`,
    );
    const text = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));
    fc.assert(fc.property(text, (any) => !/[<>"']/.test(html`${any}`.text)));
  });
  it("takes markup as it is", () => {
    expect(html`${html`<b>${"<"}</b>`}${trusted("<i>")}`.text).toBe("<b>&lt;</b><i>");
  });
  it("writes out invisible characters, and leaves letters alone", () => {
    expect(visible("a\u0007b\uD800c\tdé漢🙂")).toBe("a\\u0007b\\ud800c\tdé漢🙂");
  });
});

describe("axes", () => {
  it("have round ticks within their ends", () => {
    expect(axis(0, 1234, 4).ticks).toEqual([0, 500, 1000]);
    expect(roundAxis(0, 1234, 4)).toEqual({ min: 0, max: 1500, ticks: [0, 500, 1000, 1500] });
    expect(roundAxis(620, 1234, 4)).toEqual({ min: 600, max: 1400, ticks: [600, 800, 1000, 1200, 1400] });
    // Three times 0.2 is a little more than 0.6, and the first tick is there.
    expect(roundAxis(0.63, 1.14, 4).ticks).toHaveLength(4);
    expect(axis(5, 5).max).toBeGreaterThan(5);
  });
  it("are finite and few for any numbers", () => {
    const value = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(value, value, (min, length) => {
        const { ticks, max } = roundAxis(min, min + length);
        expect(ticks.length).toBeLessThan(14);
        expect(max).toBeGreaterThan(min);
      }),
    );
  });
  it("keep positions between 0 and 100 percent", () => {
    expect([
      percentOnAxis(-1, { min: 0, max: 2 }),
      percentOnAxis(1, { min: 0, max: 2 }),
      percentOnAxis(9, { min: 0, max: 2 }),
    ]).toEqual([0, 50, 100]);
  });
});

describe("charts", () => {
  it("draw lines to scale, break them where nothing was measured, and name events in rows above", () => {
    const { text } = lineChart({
      ...drawing,
      x: { title: "time", min: 0, max: 10, format: plain },
      y: { title: "writes", format: plain },
      series: [
        {
          name: "s",
          tone: "accent",
          points: [
            { x: 0, y: 0 },
            { x: 5, y: 10 },
            { x: 6, y: undefined },
            { x: 10, y: 5 },
          ],
        },
      ],
      lanes: [
        { name: "pause", tone: "warn", spans: [{ from: 2, to: 4 }] },
        { name: "kill", tone: "bad", spans: [{ from: 9, to: 9 }] },
      ],
      plotHeight: 100,
    });
    expect(text).toContain('d="M0 100L500 0"');
    expect(text).toContain('d="M1000 50h6"');
    expect(text).toContain('class="band tone-warn"');
    // The name is where there is room, on a line of its own.
    const names = [...text.matchAll(/"halo"\s+x="([\d.]+%)"\s+y="(\d+)"\s+dx="(-?8)"[^>]*>\s*(\w+)/g)];
    expect(names.map((found) => found.slice(1))).toEqual([
      ["40%", "12", "8", "pause"],
      ["90%", "28", "-8", "kill"],
    ]);
    expect(text).toContain(">writes</text>");
  });
  it("mark the points of a line that asks for it, and of no other", () => {
    const points = [
      { x: 0, y: 1 },
      { x: 5, y: undefined },
      { x: 10, y: 2 },
    ];
    const line = (dots: boolean) => ({ name: "s", tone: "second" as const, points, dots });
    const chart = {
      ...drawing,
      x: { title: "time", min: 0, max: 10, format: plain },
      y: { title: "writes", format: plain },
      plotHeight: 100,
    };
    const dotted = lineChart({ ...chart, series: [line(true)] }).text;
    expect(dotted.match(/<circle class="point tone-second" cx="\d+%" cy="\d+" r="3"/g)).toHaveLength(2);
    expect(dotted).toContain('cx="100%" cy="24"');
    expect(lineChart({ ...chart, series: [line(false)] }).text).not.toContain("<circle");
  });
  it("draw a span that took no time as a sliver", () => {
    const rows = [{ name: "n", from: 3, to: 3, texts: ["1 MiB", "0 ms"], tone: "accent" as const }];
    expect(gantt({ ...drawing, rows, heads: [], axisTitle: "time", format: plain, max: 6 }).text).toContain(
      '<rect class="tone-accent" x="50%" y="38" width="2"',
    );
  });
  it("draw bars relative to the longest", () => {
    const bar = (name: string, value: number) => ({ name, value, text: "", tone: "accent" as const });
    expect(bars({ ...drawing, rows: [bar("a", 4), bar("b", 1)] }).text).toContain('width="25%"');
  });
  it("name themselves to screen readers, and let no name become markup", () => {
    const rows = [{ name: hostile, value: 1, text: hostile, tone: "accent" as const }];
    const { text } = bars({ id: "x", title: hostile, description: hostile, rows });
    expect(text).toContain('role="img" aria-labelledby="x-t x-d"');
    expect(text).not.toContain("<script>");
  });
});

import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { ProgressPrinter } from "./progress.ts";

function printed(isTTY: boolean): { text: () => string; printer: ProgressPrinter; clock: { ms: number } } {
  const clock = { ms: 0 };
  let text = "";
  const output = { isTTY, columns: 60, write: (more: string) => (text += more) };
  const printer = new ProgressPrinter(output, { nowMs: () => clock.ms, monotonicMs: () => clock.ms });
  return { text: () => text, printer, clock };
}

describe("progress", () => {
  it("is one plain line a step where it is piped, with a heartbeat on long ones", () => {
    const { text, printer, clock } = printed(false);
    using _printer = printer;
    printer.begin("cycle/full", "a claim");
    printer.step("load");
    printer.advance(50, 200);
    clock.ms = 29_000;
    printer.tick();
    expect(text()).toBe("cycle/full  a claim\n  load ...\n");
    clock.ms = 31_000;
    printer.tick();
    expect(text()).toContain('cycle/full: still at "load" after 31.00 s 25 %  50 of 200\n');
    expect(text()).not.toContain("\r");
  });

  it("keeps what data says on the line that it belongs to, and no command to a terminal or a runner", () => {
    const { text, printer } = printed(false);
    using _printer = printer;
    const hostile = "::add-mask::x\n::warning::y\r\u2028\u001B[2J";
    printer.begin(hostile, hostile);
    printer.step(hostile);
    printer.note(hostile);
    const lines = text().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(stripVTControlCharacters(line)).not.toMatch(/^\s*::|[\r\u2028]|\p{Cc}/u);
  });

  it("is one live line on a terminal, and what a step took when it ends", () => {
    const { text, printer, clock } = printed(true);
    {
      using _printer = printer;
      printer.step("load");
      clock.ms = 500;
      printer.tick();
      expect(text()).toContain("load 500 ms");
    }
    expect(text().split("\n").at(-2)).toContain("load  500 ms");
    expect(text().endsWith("\r\u001B[2K")).toBe(true);
  });

  it("cuts the live line to the width of the terminal", () => {
    const { text, printer } = printed(true);
    using _printer = printer;
    printer.step("x".repeat(200));
    printer.tick();
    const line = text().split("\u001B[2K").at(-1) ?? "";
    expect(line.length).toBeLessThanOrEqual(59);
  });
});

// A command line as its user meets it, run in the process of a test: a process of its own takes a second to start.
import { vi } from "vitest";
import { main } from "../main.ts";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `falkordrill <args>` in the folder `cwd`, without colour. */
export async function falkordrill(args: readonly string[], cwd: string = process.cwd()): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  const before = process.cwd();
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  vi.stubEnv("NO_COLOR", "1");
  process.chdir(cwd);
  try {
    return { code: await main(args), ...written };
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}

import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import type { Connection } from "../../falkordb/client/connection.ts";
import { refuseFullFolder, refuseTooSmallMachine, refuseTooSmallServer } from "./predict-room.ts";

const predicted = { usedBytes: 50_000_000, rssBytes: 70_000_000 };

function server(memory: Record<string, string>): Connection {
  const endpoint = { host: "db", port: 6379 };
  return { endpoint, info: () => Promise.resolve(memory) } as unknown as Connection;
}

it.each([
  ["a server without a limit", { maxmemory: "0", total_system_memory: "99000000" }, "none"],
  ["a server in which it fits", { maxmemory: "50000001" }, "none"],
  ["a server with a limit below it", { maxmemory: "49000000" }, "its maxmemory is"],
  ["a machine below it", { maxmemory: "0", total_system_memory: "49000000" }, "the machine of db:6379"],
])("%s is refused where it has to be", async (_, memory, message) => {
  const reasonOf = (known: typeof predicted | undefined): Promise<string> =>
    refuseTooSmallServer(server(memory), known).then(
      () => "none",
      (error: unknown) => String(error),
    );
  expect(await reasonOf(predicted)).toContain(message);
  expect(await reasonOf(undefined)).toBe("none");
});

it("this machine is refused where what is free is too little", async () => {
  await expect(refuseTooSmallMachine(predicted, () => Promise.resolve(49_000_000))).rejects.toThrow(
    "memory of this machine",
  );
  await refuseTooSmallMachine(predicted, () => Promise.resolve(50_000_000));
  await refuseTooSmallMachine(predicted, undefined);
});

it("a folder is refused where it has no room", async () => {
  await expect(refuseFullFolder(tmpdir(), 2 ** 60, "the snapshot")).rejects.toThrow("no room for the snapshot");
  await refuseFullFolder(tmpdir(), 1, "the snapshot");
  await refuseFullFolder("/there/is/none", 2 ** 60, "the snapshot");
});

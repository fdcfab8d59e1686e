import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { address } from "../../base/endpoint.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "./connection.ts";

let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await embeddedEngines().start({ name: "connection" });
  connection = await connect(engine.endpoint, { name: "test" });
});

afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

describe("a connection", () => {
  test("gives every type of value back as what it was", async () => {
    const nasty = 'quotes " and \\ and \n and \u{1f600}';
    const { columns, rows } = await connection.query(
      "types",
      `RETURN $text AS text, 7 AS integer, 0.25 AS double, 1.0 AS whole, true AS boolean, null AS nothing,
              [1, 'a', [0.5, null]] AS list, {a: 1, b: {c: 'x'}} AS map, vecf32([1, 2.5]) AS vector,
              point({latitude: 1.5, longitude: 2}) AS point`,
      { text: nasty },
    );
    expect(columns).toEqual("text integer double whole boolean nothing list map vector point".split(" "));
    expect(rows).toEqual([
      [
        nasty,
        7,
        0.25,
        1,
        true,
        null,
        [1, "a", [0.5, null]],
        { a: 1, b: { c: "x" } },
        [1, 2.5],
        { latitude: 1.5, longitude: 2 },
      ],
    ]);
  });

  test("gives statistics where there are no rows, and lists graphs", async () => {
    const created = await connection.query("made", "CREATE (:Item {id: 1})");
    expect(created.rows).toEqual([]);
    expect(created.statistics).toContain("Nodes created: 1");
    expect(await connection.graphs()).toContain("made");
    expect((await connection.roQuery("made", "MATCH (n:Item) RETURN n.id")).rows).toEqual([[1]]);
    await expect(connection.roQuery("made", "MATCH (n) RETURN n")).rejects.toThrow("return its properties instead");
  });

  test("passes the server's errors on as they are, and keeps working", async () => {
    await expect(connection.query("made", "NONSENSE")).rejects.toThrow(/Invalid input/);
    await expect(connection.roQuery("made", "CREATE ()")).rejects.toThrow(/read-only/);
    const replies = await connection.pipeline([["PING"], ["NOSUCH"], ["ECHO", "still here"]]);
    expect(replies).toEqual([
      "PONG",
      expect.objectContaining({ message: expect.stringContaining("NOSUCH") }),
      "still here",
    ]);
    expect(await connection.commandBuffer("ECHO", Buffer.from([0, 255]))).toEqual(Buffer.from([0, 255]));
    expect((await connection.info("server"))["redis_version"]).toBe("8.2.3");
  });

  test("that ends in the middle says so, and nothing is sent again", async () => {
    const other = await connect(engine.endpoint);
    const id = await other.command("CLIENT", "ID");
    const blocked = other.command("BLPOP", "never", "0").catch((error: unknown) => errorMessage(error));
    await connection.command("CLIENT", "KILL", "ID", String(id));
    expect(await blocked).toContain(`lost the connection to FalkorDB at ${address(engine.endpoint)}`);
    await expect(other.command("PING")).rejects.toThrow(DrillError);
    other.close();
    other.close();
  });

  test("that has a deadline for each answer names the command that had none", async () => {
    await using other = await connect(engine.endpoint, { commandTimeoutMs: 50 });
    const named = `no answer within 50 ms to BLPOP from FalkorDB at ${address(engine.endpoint)}`;
    await expect(other.pipeline([["PING"], ["BLPOP", "never", "0"]])).rejects.toThrow(named);
    // The first one still holds the connection.
    await expect(other.command("PING")).rejects.toThrow("no answer within 50 ms to PING");
  });

  test("that is closed by us rejects what is in flight", async () => {
    const other = await connect(engine.endpoint);
    const pending = other.pipeline([["BLPOP", "never", "0"]]);
    other.close();
    await expect(pending).rejects.toThrow("lost the connection");
  });
});

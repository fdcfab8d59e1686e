import { expect, it } from "vitest";
import { crc64 } from "./dump-payload.ts";

it("computes the checksum that Redis gives as its own test", () => {
  expect(crc64(Buffer.from("123456789")).map((half) => half.toString(16))).toEqual(["c4b8d9ca", "e9c6d914"]);
});

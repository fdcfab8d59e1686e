import { expect, it } from "vitest";
import { RequestParser } from "./replication-requests.ts";

const stream = Buffer.from(
  "*1\r\n$4\r\nPING\r\n*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$1\r\n0\r\n\r\nPING inline\r\n*2\r\n$4\r\nAUTH\r\n$3\r\np\r\n\r\n",
);
const requests = [["PING"], ["REPLCONF", "ACK", "0"], ["PING", "inline"], ["AUTH", "p\r\n"]];

it("reads the same requests wherever the network cuts them", () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const parser = new RequestParser();
    expect([...parser.push(stream.subarray(0, cut)), ...parser.push(stream.subarray(cut))]).toEqual(requests);
  }
});

it("refuses what grows without end", () => {
  const parser = new RequestParser();
  expect(() => parser.push(Buffer.from(`*1\r\n$99999999\r\n${"x".repeat(70_000)}`))).toThrow(RangeError);
});

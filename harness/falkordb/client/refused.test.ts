import { expect, it } from "vitest";
import { DrillError } from "../../base/errors.ts";
import { explainedAnswer } from "./refused.ts";

const endpoint = { host: "db", port: 6379, username: "backup" };

it.each([
  ["NOPERM User backup has no permissions to run the 'config|set' command", "ACL SETUSER backup +config|set"],
  ["NOPERM No permissions to access a key", "~*"],
  ["NOAUTH Authentication required.", "--password-file"],
  ["ERR unknown command 'CONFIG', with args beginning with: 'SET' 'masterauth' 'sesame' ", "has no CONFIG"],
  ["ERR unknown command 'GRAPH.LIST', with args beginning with: ", "graph module is missing"],
])("%s says what to do", (message, hint) => {
  const told = explainedAnswer(new Error(message), endpoint);
  expect(told).toBeInstanceOf(DrillError);
  expect(told).toMatchObject({ exit: "environment", hint: expect.stringContaining(hint) as string });
  expect(told.message).not.toContain("sesame");
});

it("leaves an answer that is no refusal as it is", () => {
  const error = new Error("ERR no such graph");
  expect(explainedAnswer(error, endpoint)).toBe(error);
});

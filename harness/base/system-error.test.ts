import { expect, it } from "vitest";
import { explainSystemError } from "./system-error.ts";

function failure(message: string, facts: Partial<NodeJS.ErrnoException>): Error {
  return Object.assign(new Error(message), facts);
}

it.each([
  ["Worker initialization failure: EAGAIN", { code: "ERR_WORKER_INIT_FAILED" }, "starting a thread failed: no more"],
  [
    "/x/package.json: too many open files",
    { code: "ERR_INVALID_PACKAGE_CONFIG" },
    "loading a module failed: this process",
  ],
  ["write ENOSPC", { code: "ENOSPC", syscall: "write" }, "write failed: no space is left"],
  ["no space", { code: "ENOSPC" }, "a request to the system failed: no space is left"],
  ["spawn ENOMEM", { code: "ENOMEM", syscall: "spawn" }, "spawn failed: no memory is left"],
  ["open EMFILE", { code: "EMFILE", syscall: "open", path: "/x" }, "/x cannot be used: this process"],
])("%s (%j) says what failed", (message, facts, expected) => {
  expect(explainSystemError(failure(message, facts))?.message).toContain(expected);
});

it("says nothing of errors that are not the system's", () => {
  expect(explainSystemError(failure("no", { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
  expect(explainSystemError(failure("refused", { code: "EACCES" }))).toBeUndefined();
});

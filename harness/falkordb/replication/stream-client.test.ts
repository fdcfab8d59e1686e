import { expect, it } from "vitest";
import { whyNotResumable } from "./stream-client.ts";

const [mine, other] = ["a".repeat(40), "b".repeat(40)];
const cut = { replid: mine, offset: 1000 };
const info = {
  role: "master",
  master_replid: mine,
  master_replid2: "0".repeat(40),
  second_repl_offset: "-1",
  repl_backlog_active: "1",
  repl_backlog_first_byte_offset: "500",
  repl_backlog_histlen: "700",
};

it.each([
  [{}, undefined],
  [{ repl_backlog_first_byte_offset: "1001", repl_backlog_histlen: "0" }, undefined],
  [{ repl_backlog_first_byte_offset: "1002" }, "the server's backlog begins at offset 1002, 1 bytes after"],
  [{ repl_backlog_histlen: "500" }, "the server is behind"],
  [{ repl_backlog_active: "0" }, "the server keeps no backlog"],
  [{ role: "slave" }, "the server is a replica now"],
  [{ master_replid: other }, "the server has begun another history"],
  [{ master_replid: other, master_replid2: mine, second_repl_offset: "1001" }, undefined],
  [{ master_replid: other, master_replid2: mine, second_repl_offset: "1000" }, "the server has begun another history"],
])("a server with %j is understood", (changes, why) => {
  const found = whyNotResumable({ ...info, ...changes }, cut);
  expect(found?.slice(0, why?.length)).toBe(why);
});

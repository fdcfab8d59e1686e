// Program behind FALKORDRILL_STOP_SERVER and FALKORDRILL_START_SERVER: asks the drill, and ends when that is done.
import { connect } from "node:net";

const [path = "", verb = ""] = process.argv.slice(2);
const socket = connect(path, () => socket.write(`${verb}\n`));
let answer = "";
socket.on("data", (data) => (answer += data.toString("utf8")));
socket.on("error", (error) => {
  answer = error.message;
});
socket.on("close", () => {
  if (answer === "ok") return;
  process.stderr.write(`cannot ${verb} the server: ${answer === "" ? "the drill has ended" : answer}\n`);
  process.exitCode = 1;
});

// Adds a hint to a server's refusal: a missing permission, or a command that it does not have.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError } from "../../base/errors.ts";

/** A refusal with a hint for the user. It remains a server error, and the server's words come first. */
class RefusedError extends DrillError {
  override readonly name = "ReplyError";
}

/** Returns the error with a hint where it is a refusal, else unchanged. */
export function explainedAnswer(error: Error, endpoint: Endpoint): Error {
  const hint = hintOf(error.message, endpoint);
  if (hint === undefined) return error;
  // The rest is the command's arguments, which may contain a password.
  const words = error.message.replace(/,? with args beginning with.*$/s, "");
  return new RefusedError(`${words} (${address(endpoint)})`, { exit: "environment", hint });
}

export function hintOf(answer: string, { username = "default" }: Endpoint): string | undefined {
  const right = /^-?NOPERM .*?(?:run|execute) the '([^']+)'/.exec(answer)?.[1];
  if (right !== undefined)
    return `Allow it: ACL SETUSER ${username} +${right.toLowerCase()} (docs/guides/least-rights.md).`;
  if (/^-?NOPERM .*channel/i.test(answer)) return `Allow it: ACL SETUSER ${username} &*.`;
  if (/^-?NOPERM /.test(answer)) return `Allow all keys: ACL SETUSER ${username} ~*.`;
  if (/^-?NOAUTH /.test(answer)) return "Give the password with --password-file.";
  if (/^-?WRONGPASS /.test(answer)) return "Check the user in the URL and the password.";
  const command = /^-?ERR unknown (?:sub)?command '?([\w|.]+)/.exec(answer)?.[1];
  if (command === undefined) return undefined;
  return command.toUpperCase().startsWith("GRAPH.")
    ? "The graph module is missing: is this a FalkorDB?"
    : `The server has no ${command}: it was renamed, or its provider forbids it (README, "Managed servers").`;
}

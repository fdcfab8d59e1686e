// Turns a server's refusal of a command into a message: mostly a password, a permission or a command is missing, which
// the user can fix.
import { address } from "../../base/endpoint.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import type { Connection } from "../../falkordb/client/connection.ts";

/** The reply to a command of this name; throws an error with a hint if the server refuses it. */
export async function asked<T>(connection: Connection, name: string, reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ReplyError") throw error;
    throw refusal(address(connection.endpoint), name, errorMessage(error), error);
  }
}

function refusal(where: string, name: string, message: string, cause: unknown): Error {
  if (/^(?:NOAUTH|WRONGPASS)/.test(message))
    return environmentError(`${where} wants a password: ${message}`, "Give it with --password-file.", cause);
  if (message.startsWith("NOPERM"))
    return environmentError(
      `${where} does not let this user run ${name}: ${message}`,
      "A restore needs a user who may run every command on every key, as `default` may.",
      cause,
    );
  if (message.startsWith("LOADING")) return environmentError(`${where} is still loading`, "Try again later.", cause);
  if (!/unknown (?:sub)?command/i.test(message))
    return environmentError(`${where} refused ${name}: ${message}`, undefined, cause);
  return name.startsWith("GRAPH.")
    ? environmentError(`${where} is not a FalkorDB: it has no ${name}`, "Its graph module is missing.", cause)
    : environmentError(
        `${where} has no command ${name}, which a restore over the wire needs`,
        `It was renamed or switched off (rename-command); without it, use --rdb-out and start a server from the file.`,
        cause,
      );
}

// The flags of every command that takes the URL of a server: secrets that must not be in the URL, where any user who can
// list processes would read them, and the TLS files.
import { resolve } from "node:path";
import type { Command } from "commander";
import { type EndpointOverrides, type TlsSettings } from "../base/endpoint.ts";
import { readSecretFile } from "../base/files/secret-file.ts";

export interface ServerFlags {
  readonly passwordFile?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
}

export function addServerFlags(command: Command): Command {
  return command
    .option("--password-file <file>", "file that holds the password of that FalkorDB")
    .option("--tls-ca <file>", "with rediss: PEM certificates of the authorities to trust in place of the system's")
    .option("--tls-cert <file>", "with rediss: client certificate in PEM")
    .option("--tls-key <file>", "with rediss: key of that certificate in PEM, without a passphrase")
    .option("--tls-server-name <name>", "with rediss: name in the server's certificate (default: the host of the URL)");
}

export async function overridesOf(flags: ServerFlags): Promise<EndpointOverrides> {
  const { passwordFile, tlsCa, tlsCert, tlsKey, tlsServerName } = flags;
  const password = passwordFile === undefined ? undefined : await readSecretFile(passwordFile);
  const tls: TlsSettings = {
    ...(tlsCa === undefined ? {} : { ca: resolve(tlsCa) }),
    ...(tlsCert === undefined ? {} : { cert: resolve(tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: resolve(tlsKey) }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
  return { password, tls };
}

// The command that the graph service of a drill runs for a requested backup: `falkordrill vault backup`, which gets the
// service's address and token on stdin, and the database's password from a file in a private folder.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Endpoint, serverUrl } from "../../base/endpoint.ts";
import { packageRoot } from "../../base/package.ts";

export async function backupCommand(
  endpoint: Endpoint,
  vault: string,
  folder: string,
): Promise<readonly [string, ...string[]]> {
  const passwordFile = join(folder, "database-password");
  await writeFile(passwordFile, endpoint.password ?? "", { mode: 0o600 });
  return [
    process.execPath,
    join(packageRoot(), "bin", "falkordrill.js"),
    "vault",
    "backup",
    "--vault",
    vault,
    "--url",
    serverUrl(endpoint),
    "--password-file",
    passwordFile,
    "--service-stdin",
  ];
}

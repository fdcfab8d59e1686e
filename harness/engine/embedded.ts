// FalkorDB as a child process: the real redis-server and falkordb.so from npm, in a private folder, on a loopback
// port, with its own password. It never outlives the harness (reaper.ts).
import { join } from "node:path";
import { environmentError, explanationOf } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { engineBinaries, type EngineBinaries } from "./binaries/binaries.ts";
import { emptyFolder } from "./data-folder.ts";
import type { EngineProvider } from "./engine.ts";
import { startManagedEngine } from "./managed-engine.ts";
import { freePort } from "../base/process/ports.ts";
import { redisConfiguration } from "./redis-config.ts";
import type { Launch } from "./running-server.ts";
import { ServerProcess } from "./server-process.ts";

/**
 * `progress` is notified of libraries that have to be fetched first; the folders of engines are kept in `keepIn`. With
 * a fixed `port` only one engine can run at a time.
 */
export function embeddedEngines({
  keepIn,
  port,
  ...options
}: { progress?: Progress; keepIn?: string | undefined; port?: number | undefined } = {}): EngineProvider {
  return {
    kind: "embedded",
    unavailable: async () => {
      try {
        await engineBinaries(options);
        return undefined;
      } catch (error) {
        return explanationOf(error);
      }
    },
    start: async (start = {}) => {
      const signal = start.signal === undefined ? {} : { signal: start.signal };
      const binaries = await engineBinaries({ ...options, ...signal });
      return await startManagedEngine("embedded", launcher(binaries, port), start, keepIn);
    },
  };
}

/** Keeps its port where possible, so that clients find a restarted engine again. */
function launcher(binaries: EngineBinaries, fixedPort: number | undefined): Launch {
  let port = fixedPort;
  return async ({ folder, dataDir, volume, password, redisConfig, moduleArgs, isPortTaken }) => {
    if (isPortTaken && fixedPort !== undefined)
      throw environmentError(`port ${fixedPort} is taken by another program`, "Choose another one, or leave it open.");
    if (port === undefined || isPortTaken) port = await freePort();
    const dir = volume === "data" ? dataDir : join(folder, "not-mounted");
    if (volume === "elsewhere") await emptyFolder(dir);
    const config = redisConfiguration({
      directives: {
        bind: "127.0.0.1",
        port: String(port),
        "protected-mode": "yes",
        requirepass: password,
        dir,
      },
      redisConfig,
      module: { path: binaries.module, args: { TEMP_FOLDER: folder, ...moduleArgs } },
    });
    return await ServerProcess.start({
      command: binaries.command(),
      config,
      port,
      folder,
      logFile: join(folder, "server.log"),
    });
  };
}

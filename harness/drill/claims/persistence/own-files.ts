// The engine's own files: RDB save points and the append-only file. They are on the machine that is lost.
import { errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Engine } from "../../../engine/engine.ts";
import { loadDespiteStall } from "../../../engine/stall-watch.ts";
import type { Drill } from "../../drill.ts";
import { cutAppendOnlyTail, refusesTail } from "./append-only-tail.ts";
import { untilHeldBy } from "./held.ts";
import type { PersistenceSetup, PersistenceMode, Protection } from "./mode.ts";

const restartTimeoutMs = 600_000;

interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** The most frequent of redis' default save points in a full run; an immediate one in short drills. */
function savePoint({ options: { profile } }: Drill): SavePoint {
  const isFull = profile === "nightly" || profile === "release";
  return isFull ? { seconds: 60, changes: 10_000 } : { seconds: 1, changes: 50 };
}

/** A save point is checked once a second, so it comes slightly late, and the save itself takes time. */
const saveSlackMs = 3000;

export const savePoints: PersistenceMode = {
  name: "rdb-save-points",
  settings: (drill) => ({ save: `${savePoint(drill).seconds} ${savePoint(drill).changes}` }),
  claims: (drill) => {
    const most = savePoint(drill).seconds * 1000 + saveSlackMs;
    return { killed: most, powerLoss: most };
  },
  protect: async (ground) => {
    const { seconds } = savePoint(ground.drill);
    ground.drill.record.metric("savePointSeconds", seconds);
    return ownFiles(ground, async () => {
      // The count rises when a save begins; one that runs now may have begun before the writers.
      const { rdb_saves: begun } = await persistence(ground);
      await untilInfo(ground, `a save by the save point of ${seconds} s`, (2 * seconds + 60) * 1000, (info) => {
        const ended = Number(info["rdb_saves"]) - Number(info["rdb_bgsave_in_progress"]);
        return ended > Number(begun) && info["rdb_last_bgsave_status"] === "ok";
      });
    });
  },
};

/** Redis promises one second, and at most two if the disk is slow. */
const everySecondMs = 2000;

export const appendEverySecond: PersistenceMode = appendOnly("aof-everysec", "everysec", everySecondMs);
export const appendAlways: PersistenceMode = appendOnly("aof-always", "always", 0);

function appendOnly(name: string, fsync: string, mostMs: number): PersistenceMode {
  return {
    name,
    settings: () => ({ appendonly: "yes", appendfsync: fsync }),
    claims: () => ({ killed: mostMs, powerLoss: mostMs }),
    protect: (ground) =>
      Promise.resolve(
        ownFiles(ground, async () => {
          await untilInfo(ground, "the append-only file", 60_000, (fields) => {
            return fields["aof_enabled"] === "1" && fields["aof_last_write_status"] === "ok";
          });
          await untilHeldBy("disk", ground);
        }),
      ),
  };
}

function ownFiles(ground: PersistenceSetup, covered: () => Promise<void>): Protection {
  const { drill, source, settings } = ground;
  return {
    standsElsewhere: false,
    covered,
    excuse: async () => {
      const { aof_delayed_fsync: times } = await persistence(ground);
      return Number(times ?? 0) > 0 ? `the disk kept the append-only file waiting ${times} times` : undefined;
    },
    recover: async (folder) => {
      if (folder !== undefined) return await startOn(folder, drill, settings);
      const restart = { timeoutMs: restartTimeoutMs, signal: drill.signal };
      await loadDespiteStall(
        () => source.restart(restart),
        (line) => drill.progress.note(line),
      );
      return source;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function startOn(folder: string, drill: Drill, settings: PersistenceSetup["settings"]): Promise<Engine> {
  const { engines, record, progress, signal } = drill;
  const redisConfig = { ...settings, dir: folder };
  const start = { name: "survivor", timeoutMs: restartTimeoutMs, signal, redisConfig };
  try {
    return await loadDespiteStall(
      () => engines.start(start),
      (line) => progress.note(line),
    );
  } catch (error) {
    if (!refusesTail.test(errorMessage(error))) throw error;
  }
  const bytes = await cutAppendOnlyTail(folder);
  progress.note(`redis refused its append-only file; redis-check-aof cut ${bytes} bytes off its end`);
  record.metric("aofTailCutBytes", bytes);
  return await loadDespiteStall(
    () => engines.start(start),
    (line) => progress.note(line),
  );
}

async function persistence({ source }: PersistenceSetup): Promise<Record<string, string>> {
  await using connection = await connect(source.endpoint);
  return await connection.info("persistence");
}

async function untilInfo(
  { drill, source }: PersistenceSetup,
  what: string,
  timeoutMs: number,
  is: (info: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  await using connection = await connect(source.endpoint);
  const probe = async (): Promise<Record<string, string> | undefined> => {
    const info = await connection.info("persistence");
    return is(info) ? info : undefined;
  };
  return await waitFor(probe, { what, timeoutMs, signal: drill.signal, exit: "inconclusive" });
}

// A backup leaves its source as it was: graphs, other keys, settings. Keys of other applications come back as well.
import { DrillError, errorMessage } from "../../../base/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { observe } from "../../../observe/observe.ts";
import { judgeAndStore } from "../../../record/judgement.ts";
import type { Drill } from "../../drill.ts";
import { canStartEngine } from "../../guard/blame.ts";
import {
  backUpState,
  prepareRetention,
  proveState,
  type RetentionSetup,
  withoutState,
} from "../retention/retention-setup.ts";

export async function provesSourceUntouched(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources, addOtherKeys);
  const { id } = await backUpState(setup, 1);
  await judgeSource(setup);
  await proveState(setup, id, 1);
  drill.record.requireWitnesses("statesProven", "nodesCompared", "edgesCompared", "sourceGraphsCompared");
}

/** Teams keep sessions, caches and functions on the same server. */
async function addOtherKeys(source: Engine): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.command("SET", "session:1", "bytes \u0000 \r\n \u{1f5dd}");
  await connection.command("HSET", "user:1", "name", "Ada", "empty", "");
  await connection.command("RPUSH", "queue", "first", "second", "first");
  await connection.command("ZADD", "ranks", 1.5, "one", 2, "two");
  await connection.command("SADD", "tags", "red", "green");
  await connection.command("XADD", "events", "1-1", "kind", "login");
  await connection.command("SET", "cache:1", "for a day", "EX", 86_400);
  await connection.command(
    "FUNCTION",
    "LOAD",
    "#!lua name=own\nredis.register_function('own', function() return 1 end)",
  );
  await connection.command("GRAPH.UDF", "LOAD", "own", "falkor.register('own', (x) => x);");
  await connection.command("SELECT", 1);
  await connection.command("SET", "session:2", "in another database");
}

async function judgeSource({ drill, source, content }: RetentionSetup): Promise<void> {
  const { engines, record, signal } = drill;
  drill.progress.step("prove: the source is as it was");
  const { expectation, dataset, before } = content;
  const reading = observe(source, expectation, { role: "source", dataset, signal });
  const observed = await reading.catch((error: unknown) =>
    error instanceof DrillError ? error : Promise.reject(error),
  );
  if (observed instanceof DrillError) {
    // It was read in the same way before the backup.
    if (signal.aborted || !(await canStartEngine(engines, signal))) throw observed;
    const message = `the source cannot be read after the backup: ${errorMessage(observed)}`;
    record.finding({ code: "source-changed", severity: "error", subject: "source", message, evidence: {} });
    return;
  }
  const baseline = { name: "source-before", observation: before };
  judgeAndStore(drill, { subject: "source-after", expectation, observation: withoutState(observed), baseline });
}

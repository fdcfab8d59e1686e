// The graph service in front of a source keeps the /admin contract: a team's own, where its configuration names one, or
// else the one that comes with the harness.
import { randomBytes } from "node:crypto";
import { readSecretFile } from "../../../base/files/secret-file.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { examineContract, type ExaminedService } from "../../../service/examine-contract.ts";
import type { Drill } from "../../drill.ts";
import { DrilledService } from "../../setup/drilled-service.ts";

export async function provesServiceContract(drill: Drill): Promise<void> {
  const { record, options, progress, signal } = drill;
  await using resources = new AsyncDisposableStack();
  if (options.service === undefined && options.backupSystem !== undefined)
    return record.notCovered("the pause of writes: the configuration names no graph service (service: url, tokenFile)");
  const service = await serviceOf(drill, resources);
  progress.step(`ask ${service.url} for what the /admin contract promises`);
  const { rulesTried, broken } = await examineContract(service, signal);
  record.witness("contractRulesTried", rulesTried);
  for (const { rule, seen } of broken)
    record.finding({
      code: "service-contract-broken",
      severity: "error",
      subject: "graph service",
      message: `the graph service does not keep its contract: ${rule}; what came was ${seen}`,
      evidence: { rule, seen },
    });
  record.requireWitnesses("contractRulesTried");
}

async function serviceOf(drill: Drill, resources: AsyncDisposableStack): Promise<ExaminedService> {
  const { service } = drill.options;
  if (service !== undefined) return { url: service.url, token: await readSecretFile(service.tokenFile) };
  drill.progress.step("prepare: engine, graph service");
  const engine = resources.use(await drill.engines.start({ name: "source", signal: drill.signal }));
  const { path: stateDir } = resources.use(await privateFolder("graph-service"));
  const token = randomBytes(24).toString("base64url");
  return resources.use(await DrilledService.start({ database: engine.endpoint, token, stateDir }));
}

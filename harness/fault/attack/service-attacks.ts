// A stolen token against the /admin endpoints of the graph service.
import { adminPaths } from "../../service/contract.ts";
import { verifyAuditLog } from "../../service/server/coordination/audit-log.ts";
import { detected, type AttackEnding, recovered, refused, undefended, type AttackVerb } from "./attack.ts";
import { admin, type AttackCall, type ServiceAttack, type Token, tokens } from "./run-service-attacks.ts";

const { pause, resume, status, trigger } = adminPaths;
const lease = { leaseMs: 1000, drainTimeoutMs: 1000 };

const asks = (verb: AttackVerb, token: Token, does: string, ask: AttackCall, ends: AttackEnding): ServiceAttack => ({
  verb,
  does,
  run: (service) => service.ask(token, ask),
  ends,
});

const wrongScope = (of: string): AttackEnding => refused(new RegExp(`403 .*wrong-scope.*may not ${of}`));
const wrongToken = refused(/403 .*wrong-token/);
const noToken = refused(/401 .*token-missing/);
const noRoute = refused(/404 /);
const pauseBody = { path: pause, body: lease };
const resumeBody = { path: resume, body: { leaseId: "stolen" } };

const scopes: readonly ServiceAttack[] = [
  asks("pause", "read", "pauses with a token for the state", pauseBody, wrongScope("pause")),
  asks("resume", "read", "resumes with a token for the state", resumeBody, wrongScope("pause")),
  asks(
    "trigger",
    "read",
    "starts a backup with a token for the state",
    { path: trigger, body: {} },
    wrongScope("trigger"),
  ),
  asks("pause", "trigger", "pauses with a token for triggers", pauseBody, wrongScope("pause")),
  asks("resume", "trigger", "resumes with a token for triggers", resumeBody, wrongScope("pause")),
  asks(
    "trigger",
    "pause",
    "starts a backup with a token for pauses",
    { path: trigger, body: {} },
    wrongScope("trigger"),
  ),
  asks("pause", "guessed", "pauses with a guessed token", pauseBody, wrongToken),
  asks("resume", "guessed", "resumes with a guessed token", resumeBody, wrongToken),
  asks("trigger", "guessed", "starts a backup with a guessed token", { path: trigger, body: {} }, wrongToken),
  asks("status", "guessed", "asks for the state with a guessed token", { path: status, method: "GET" }, wrongToken),
  asks("pause", "none", "pauses without a token", pauseBody, noToken),
  asks("status", "none", "asks for the state without a token", { path: status, method: "GET" }, noToken),
  asks("status", "none", "gives the token in the query", { path: `${status}?token=${admin}`, method: "GET" }, noToken),
  asks(
    "pause",
    "none",
    "gives the token as a cookie",
    { ...pauseBody, headers: { cookie: `token=${admin}` } },
    noToken,
  ),
  asks(
    "pause",
    "none",
    "gives the token as Basic",
    { ...pauseBody, headers: { authorization: `Basic ${admin}` } },
    noToken,
  ),
  asks(
    "pause",
    "none",
    "gives two tokens at once",
    { ...pauseBody, headers: { authorization: `Bearer ${tokens.read}, Bearer ${admin}` } },
    wrongToken,
  ),
  asks("pause", "read", "evades the scope by a slash at the end", { ...pauseBody, path: `${pause}/` }, noRoute),
  asks(
    "pause",
    "read",
    "evades the scope by two slashes",
    { ...pauseBody, path: pause.replace("admin/", "admin//") },
    noRoute,
  ),
  asks(
    "pause",
    "read",
    "evades the scope by an escape in the path",
    { ...pauseBody, path: pause.replace("pause", "%70ause") },
    refused(/403|404/),
  ),
  asks("pause", "read", "evades the scope by capitals", { ...pauseBody, path: pause.toUpperCase() }, noRoute),
  asks(
    "pause",
    "read",
    "evades the scope by a dot segment",
    { ...pauseBody, path: `/admin/x/..${pause.slice(6)}` },
    refused(/403|404/),
  ),
  asks("pause", "pause", "pauses by GET", { path: pause, method: "GET" }, noRoute),
  asks("trigger", "trigger", "starts a backup by GET", { path: trigger, method: "GET" }, noRoute),
];

const bodies: readonly ServiceAttack[] = [
  asks(
    "pause",
    "admin",
    "asks for a pause of a year",
    { path: pause, body: { ...lease, leaseMs: 31_536_000_000 } },
    refused(/400 .*leaseMs/),
  ),
  asks(
    "pause",
    "admin",
    "asks for a pause without an end",
    { path: pause, body: '{"leaseMs":1e999,"drainTimeoutMs":1}' },
    refused(/400/),
  ),
  asks(
    "pause",
    "admin",
    "asks for a pause of less than nothing",
    { path: pause, body: { ...lease, leaseMs: -1 } },
    refused(/400 .*leaseMs/),
  ),
  asks(
    "pause",
    "admin",
    "sends a megabyte",
    { path: pause, body: { ...lease, holder: "x".repeat(2 ** 20) } },
    refused(/413 .*64 KiB/),
  ),
  asks(
    "pause",
    "admin",
    "sends JSON that is nested 30,000 deep",
    { path: pause, body: "[".repeat(30_000) + "]".repeat(30_000) },
    refused(/400/),
  ),
  asks("resume", "admin", "sends no JSON", { path: resume, body: "leaseId=1" }, refused(/400 .*not-json/)),
  asks(
    "pause",
    "admin",
    "sends a field that nobody knows",
    { path: pause, body: { ...lease, __proto__x: 1 } },
    refused(/400 .*wrong-body/),
  ),
];

const leases: readonly ServiceAttack[] = [
  asks("resume", "pause", "resumes a pause that it does not hold", resumeBody, refused(/409 .*lease-lost/)),
  {
    verb: "pause",
    does: "pauses, and never resumes",
    run: async (service) => {
      await service.ask("pause", pauseBody);
      service.pass(1001);
      return service.isOpen() ? "writes go on" : "200 paused";
    },
    ends: recovered,
  },
  {
    verb: "pause",
    does: "pauses again for as long as it likes, once a lease is over",
    run: async (service) => {
      for (let again = 0; again < 3; again++) {
        await service.ask("pause", pauseBody);
        service.pass(1001);
      }
      return await service.ask("pause", pauseBody);
    },
    ends: undefended("stop writes for the time of a lease, start a backup"),
  },
  {
    verb: "pause",
    does: "takes over the pause of a backup",
    run: async (service) => {
      await service.ask("admin", { path: pause, body: { ...lease, holder: "the backup" } });
      return await service.ask("pause", pauseBody);
    },
    ends: refused(/409 .*writes-paused.*the backup/),
  },
  {
    verb: "resume",
    does: "lets the lease of a backup be over, which then resumes",
    run: async (service) => {
      const given = await service.ask("admin", { path: pause, body: { ...lease, holder: "the backup" } });
      service.pass(1001);
      await service.ask("pause", pauseBody);
      return await service.ask("admin", { path: resume, body: { leaseId: /"leaseId":"([^"]+)"/.exec(given)?.[1] } });
    },
    ends: refused(/409 .*lease-lost/),
  },
  {
    verb: "status",
    does: "looks for the id of a lease in the state",
    run: async (service) => {
      const given = await service.ask("admin", { path: pause, body: { ...lease, holder: "the backup" } });
      const shown = await service.ask("read", { path: status, method: "GET" });
      return shown.includes(/"leaseId":"([^"]+)"/.exec(given)?.[1] ?? "") ? shown : "403 the state does not show it";
    },
    ends: refused(/does not show it/),
  },
  {
    verb: "trigger",
    does: "starts a second backup while one runs",
    run: async (service) => {
      await service.ask("trigger", { path: trigger, body: {} });
      return await service.ask("trigger", { path: trigger, body: {} });
    },
    ends: refused(/409 .*backup-running/),
  },
  {
    verb: "pause",
    does: "pauses while a triggered backup runs, without its id",
    run: async (service) => {
      await service.ask("trigger", { path: trigger, body: {} });
      return await service.ask("pause", pauseBody);
    },
    ends: refused(/409 .*backup-running/),
  },
  {
    verb: "pause",
    does: "guesses tokens as fast as it can",
    run: async (service) => {
      const answers: string[] = [];
      for (let guess = 0; guess < 30; guess++) answers.push(await service.ask("guessed", pauseBody));
      return answers.find((answer) => answer.startsWith("429")) ?? answers.join(" ");
    },
    ends: refused(/429 .*too-many-requests.*at most 10 a second/),
  },
  {
    verb: "pause",
    does: "guesses tokens, to keep the backup out",
    run: async (service) => {
      for (let guess = 0; guess < 30; guess++) await service.ask("guessed", pauseBody);
      return (await service.ask("admin", pauseBody)).startsWith("200") ? "writes go on" : "429 it is kept out";
    },
    ends: recovered,
  },
  {
    verb: "status",
    does: "asks with a stolen token as fast as it can",
    run: async (service) => {
      let answer = "";
      for (let call = 0; call < 501; call++) answer = await service.ask("read", { path: status, method: "GET" });
      return answer;
    },
    ends: refused(/429 .*at most 500 a second/),
  },
  {
    verb: "pause",
    does: "names a holder that would start a line of its own in the audit log",
    run: async (service) => {
      const holder = 'x"}\n{"sequence":9,"event":"resumed"}';
      await service.ask("admin", { path: pause, body: { ...lease, holder } });
      const { problem, entries } = await verifyAuditLog(service.auditPath);
      return problem === undefined && entries === 2 ? "writes go on" : `200 ${entries} entries`;
    },
    ends: recovered,
  },
  {
    verb: "pause",
    does: "leaves no trace of a refused call",
    run: async (service) => {
      await service.ask("guessed", pauseBody);
      const { entries } = await verifyAuditLog(service.auditPath);
      return entries === 1 ? "noted: 1 denied call in the audit log" : "200 not noted";
    },
    ends: detected(/1 denied call in the audit log/),
  },
];

export const serviceAttacks: readonly ServiceAttack[] = [...scopes, ...bodies, ...leases];

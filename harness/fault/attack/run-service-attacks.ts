// Serves the /admin routes of the graph service in this process, on a clock of its own, for one attack after the other.
import { join } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { adminRoutes } from "../../service/server/coordination/admin-routes.ts";
import { openAuditLog } from "../../service/server/coordination/audit-log.ts";
import { BackupRunner } from "../../service/server/coordination/backup-runner.ts";
import { WriteGate } from "../../service/server/coordination/write-gate.ts";
import { type AttackRow, type AttackEnding, judgeAttack, type AttackVerb } from "./attack.ts";

const role = "stolen admin token";
export const tokens = {
  read: "read-token-0123456789",
  pause: "pause-token-0123456789",
  trigger: "trigger-token-01234567",
};
export const admin = "admin-token-0123456789";
export type Token = keyof typeof tokens | "admin" | "guessed" | "none";

export interface AttackCall {
  readonly path: string;
  readonly body?: unknown;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Served {
  /** Status and body of an answer, as one line. */
  ask(token: Token, ask: AttackCall): Promise<string>;
  /** Whether writes are admitted. */
  isOpen(): boolean;
  readonly pass: (ms: number) => void;
  readonly auditPath: string;
}

export interface ServiceAttack {
  readonly verb: AttackVerb;
  readonly does: string;
  /** Returns the line that is judged: of an answer, or of the state afterwards. */
  readonly run: (service: Served) => Promise<string>;
  readonly ends: AttackEnding;
}

/** `folder` gets one audit log for each attack. */
export async function runServiceAttacks(
  attacks: readonly ServiceAttack[],
  folder: string,
): Promise<readonly AttackRow[]> {
  const rows: AttackRow[] = [];
  for (const [index, { verb, does, run, ends }] of attacks.entries()) {
    const auditPath = join(folder, `audit-${index}.jsonl`);
    let nowMs = 1_800_000_000_000;
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
    using audit = await openAuditLog(auditPath, clock);
    using gate = new WriteGate(clock, audit);
    const line = await run({ ...served(gate, clock), auditPath, pass: (ms) => void (nowMs += ms) }).catch(errorMessage);
    const isRefusal = /^[45]\d\d /.test(line);
    const answer = isRefusal ? { said: [], failed: line } : { said: [line], gave: line };
    rows.push({ role, verb, does, ...judgeAttack(ends, answer, { said: [], gave: "writes go on" }) });
  }
  return rows;
}

function served(
  gate: WriteGate,
  clock: { nowMs: () => number; monotonicMs: () => number },
): Pick<Served, "ask" | "isOpen"> {
  const backups = new BackupRunner(
    gate,
    ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped"))),
  );
  const app = adminRoutes({ gate, authority: gate, backups, token: admin, tokens, clock });
  return {
    isOpen: () => {
      using admitted = gate.admit();
      return admitted !== undefined;
    },
    ask: async (token, { path, body, method = "POST", headers = {} }) => {
      const given =
        token === "admin"
          ? admin
          : token === "guessed"
            ? "guessed-token-0123456789"
            : token === "none"
              ? undefined
              : tokens[token];
      const response = await app.request(path, {
        method,
        headers: {
          "content-type": "application/json",
          ...(given === undefined ? {} : { authorization: `Bearer ${given}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      return `${response.status} ${await response.text()}`;
    },
  };
}

// Whether a vault may be restored from: "the newest" of a vault that was put back to an older state is an old one.
import { DrillError } from "../../base/errors.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { isBackupId } from "../store/vault.ts";
import type { RestoreContext } from "./restore.ts";

/**
 * Returns notes. A backup that the user names may be restored where only others are missing; anything else is refused
 * where the vault is not what it should be, unless that is allowed.
 */
export async function mayRestoreFrom(
  context: RestoreContext,
  { id, at }: { readonly id: string | undefined; readonly at: string | undefined },
  allowed: boolean,
): Promise<readonly string[]> {
  const { problems, notes } = await checkVault(context);
  const told = [...problems.map(({ message }) => `PROBLEM: ${message}`), ...notes];
  const named = [id, at?.split("/")[0]].find((name) => name !== undefined && isBackupId(name));
  const isExact = named !== undefined && (at === undefined || at.startsWith(named));
  const against = problems.filter(({ point }) => !isExact || point === named);
  const [first, ...others] = against.map(({ message }) => message);
  if (first === undefined || allowed) return told;
  throw new DrillError(others.length === 0 ? first : `${first}; ${others.join("; ")}`, {
    exit: "dataWrong",
    code: "catalogue-differs",
    hint:
      "Nothing was touched. Look for what is missing. A backup that is there is restored by its id " +
      "(falkordrill vault list); --allow-missing takes what is there, whatever is missing.",
  });
}

// Bytes stored by a system that claims encryption: no text of the graphs in clear. In a vault also: only OpenPGP
// messages and readable text about them, and every message encrypted to exactly the recipients of the key ring.
import { z } from "zod";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Finding, Judgement } from "../check.ts";

/** One stored file, classified by its bytes. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** `message` is encrypted; `signed` and `text` are readable by anyone; `other` is anything else. */
  readonly kind: "message" | "signed" | "text" | "other";
  /** Key ids to which a message is encrypted. */
  readonly recipients: readonly string[];
  /** Set for a message without an integrity check: what is changed in it is decrypted without an error. */
  readonly isUnprotected?: boolean | undefined;
  /** Descriptions of the graph content found in the file. */
  readonly found: readonly string[];
}

/** Evidence of the check, as plain JSON that is stored with a run. */
export interface StoredEvidence {
  readonly files: readonly StoredFile[];
  /** Key ids of the recipients in the key ring of a vault; absent for a system that may encrypt in another way. */
  readonly recipients?: readonly string[] | undefined;
  /** Number of texts that were searched for. */
  readonly canaries: number;
}

export const storedEvidenceSchema: z.ZodType<StoredEvidence> = z.looseObject({
  files: z.array(
    z.looseObject({
      path: z.string(),
      bytes: z.number(),
      kind: z.enum(["message", "signed", "text", "other"]),
      recipients: z.array(z.string()),
      isUnprotected: z.boolean().optional(),
      found: z.array(z.string()),
    }),
  ),
  recipients: z.array(z.string()).optional(),
  canaries: z.number(),
});

const fewFiles = 5;

export function judgeStoredBytes({ files, recipients, canaries }: StoredEvidence): Judgement {
  const messages = files.filter(({ kind }) => kind === "message");
  const clear = files.filter(({ found }) => found.length > 0);
  const other = files.filter(({ kind }) => kind === "other");
  const findings: Finding[] = [];
  const push = (code: FindingCode, says: string, of: readonly StoredFile[]): void => {
    if (of.length === 0) return;
    const [{ path, found } = { path: "", found: [] }] = of;
    const what = found.length === 0 ? path : `${path}: ${found[0] ?? ""}`;
    const evidence = { files: of.slice(0, fewFiles), count: of.length, recipients };
    findings.push({
      code,
      severity: "error",
      subject: path,
      message: `${of.length} stored files ${says} (${what})`,
      evidence,
    });
  };
  push("stored-in-clear", "hold content of the graphs in clear", clear);
  push(
    "stored-unprotected",
    "are encrypted without an integrity check",
    files.filter(({ isUnprotected }) => isUnprotected === true),
  );
  const witnesses = { storedFilesRead: files.length, storedMessages: messages.length, canariesSearched: canaries };
  if (recipients === undefined) return { findings, witnesses };
  const foreign = messages.filter((file) => file.recipients.some((id) => !recipients.includes(id)));
  const missing = messages.filter((file) => recipients.some((id) => !file.recipients.includes(id)));
  push("stored-not-encrypted", "are neither encrypted nor readable text", other);
  push("stored-foreign-recipient", "are encrypted to a key that is not in the key ring", foreign);
  push("stored-recipient-missing", "cannot be opened by every recipient of the key ring", missing);
  if (messages.length === 0)
    findings.push({
      code: "stored-nothing-encrypted",
      severity: "error",
      subject: "vault",
      message: `none of the ${files.length} stored files is an encrypted message`,
      evidence: { files: files.slice(0, fewFiles), count: files.length },
    });
  return { findings, witnesses };
}

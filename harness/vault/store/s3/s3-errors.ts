// Turns what a store answers, or does not answer, into errors that a user can act on: which request, what came back,
// and what to do next.
import { codeOf, DrillError, errorMessage } from "../../../base/errors.ts";
import { StoreError } from "../store.ts";
import { credentialsHint, type VaultSide, withFlagsOf } from "./s3-place.ts";

export interface S3Request {
  /** Name of the vault. */
  readonly where: string;
  /** `PutObject`. */
  readonly verb: string;
  readonly key: string;
  readonly side?: VaultSide | undefined;
}

/** What the SDK throws, as far as it is read here. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** The error stays the cause, so that `s3CodeOf` still finds what was answered. */
export function explainS3Error(request: S3Request, error: unknown): Error {
  const thrown = error instanceof Error ? (error as Error & Thrown) : new Error(String(error));
  const answer = answerOf(thrown);
  const said = `${request.where}: ${request.verb} ${request.key} failed: ${answer}`;
  const name = s3CodeOf(thrown);
  const row = table.find(({ when }) => when.some((pattern) => pattern.test(name) || pattern.test(codeOf(thrown))));
  const hint = typeof row?.hint === "function" ? row.hint(thrown) : row?.hint;
  if (row !== undefined) return errorAs(row.as, said, withFlagsOf(request.side, hint ?? ""), error);
  const { httpStatusCode: status = 0 } = (thrown as Thrown).$metadata ?? {};
  if (status === 403)
    return errorAs(
      /^(?:Put|Delete|Create|Upload|Complete)/.test(request.verb) ? "read-only" : "broken",
      said,
      rightsHint(request.verb),
      error,
    );
  if (status >= 500 || status === 429) return errorAs("broken", said, busyHint, error);
  return errorAs("broken", said, withFlagsOf(request.side, notS3Hint), error);
}

/** What the store named the failure, or the program did that could not reach it; empty where neither is known. */
export function s3CodeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause)
    if (!(current instanceof DrillError))
      return current.name === "Error" ? codeOf(current) || current.message : current.name;
  return "";
}

/** True where the request may have been carried out before the attempt that was answered. */
export function wasRepeated(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if (!(current instanceof DrillError)) return ((current as Error & Thrown).$metadata?.attempts ?? 1) > 1;
  return false;
}

function answerOf(thrown: Error & Partial<Thrown>): string {
  const { httpStatusCode: status, attempts = 1 } = thrown.$metadata ?? {};
  const code = thrown.name === "Error" ? "" : thrown.name;
  const words = thrown.message === "" || thrown.message === "UnknownError" ? "" : errorMessage(thrown);
  const text = [status === undefined ? "" : String(status), code].filter((part) => part !== "").join(" ");
  const all = [text, words].filter((part) => part !== "").join(", ");
  return `${all === "" ? codeOf(thrown) : all}${attempts > 1 ? ` (${attempts} attempts)` : ""}`;
}

type As = "usage" | StoreError["code"];

function errorAs(as: As, message: string, hint: string, cause: unknown): Error {
  if (as !== "usage") return new StoreError(as, message, hint, cause);
  return new DrillError(message, { exit: "usage", hint, cause });
}

const rights: Readonly<Record<string, string>> = {
  AbortMultipartUpload: "s3:AbortMultipartUpload",
  DeleteObject: "s3:DeleteObject",
  GetBucketVersioning: "s3:GetBucketVersioning",
  GetObject: "s3:GetObject",
  GetObjectLockConfiguration: "s3:GetBucketObjectLockConfiguration",
  HeadObject: "s3:GetObject (s3:GetObjectVersion for an older version)",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  ListObjectsV2: "s3:ListBucket",
  ListObjectVersions: "s3:ListBucketVersions",
  ListParts: "s3:ListMultipartUploadParts",
  PutObjectLegalHold: "s3:PutObjectLegalHold",
  PutObjectRetention: "s3:PutObjectRetention",
};

/** Stores name the request that they refused, and not the right that it needs. */
function rightsHint(verb: string): string {
  const right = rights[verb] ?? "s3:PutObject, or s3:PutObjectRetention where the vault uses object lock";
  return `The credentials may not do that: they lack ${right}. docs/guides/second-region.md has a policy for each role.`;
}
const busyHint = "The store is overloaded or fails for now. Run it again later; nothing half-written is visible.";
const notS3Hint = "Check --endpoint: the answer is not one that an S3 store gives to this request.";
const unreachableHint = "Check --endpoint, the network and whether the store runs, then run it again.";

interface Row {
  /** Tested against the code that the store gave, and that of Node. */
  readonly when: readonly RegExp[];
  readonly as: As;
  readonly hint: string | ((thrown: Error & Partial<Thrown>) => string);
}

const table: readonly Row[] = [
  {
    when: [/^NoSuchBucket$/],
    as: "usage",
    hint: "Create the bucket, or correct --vault, --endpoint or --region.",
  },
  {
    when: [
      /^(?:PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|301)$/,
    ],
    as: "usage",
    hint: (thrown) => {
      const region = regionIn(thrown);
      return region === undefined
        ? "The bucket is in another region: give that one as --region."
        : `The bucket is in another region: give --region ${region}.`;
    },
  },
  {
    when: [/^Region is missing$/],
    as: "usage",
    hint: "On Amazon's store: give --region, for example --region eu-central-1, or set AWS_REGION. On another one: give its address by --endpoint, or set AWS_ENDPOINT_URL.",
  },
  {
    when: [/^CredentialsProviderError$/, /^Could not load credentials/],
    as: "broken",
    hint: `No credentials were found. ${credentialsHint}`,
  },
  {
    when: [/^(?:ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/],
    as: "broken",
    hint: "The credentials have expired: sign in again, or renew them, and run it again.",
  },
  {
    when: [
      /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|UnrecognizedClientException|InvalidClientTokenId)$/,
    ],
    as: "broken",
    hint: `The store does not know these credentials. ${credentialsHint}`,
  },
  {
    when: [/^RequestTimeTooSkewed$/],
    as: "broken",
    hint: "The clock of this machine and that of the store are more than 15 minutes apart: set this machine's clock.",
  },
  {
    when: [
      /^(?:QuotaExceeded|StorageQuotaExceeded|InsufficientStorage|XMinioStorageFull|InsufficientCapacity|TooManyObjects)$/,
    ],
    as: "full",
    hint: "Raise the quota of the bucket or prune old backups.",
  },
  {
    when: [/^InvalidObjectState$/],
    as: "broken",
    hint: "The object is in an archive class: have the store bring it back first.",
  },
  {
    when: [/^(?:BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch)$/],
    as: "broken",
    hint: "The bytes changed on their way: look at the network and at proxies between here and the store.",
  },
  {
    when: [/^(?:SlowDown|ServiceUnavailable|RequestTimeout|InternalError|Throttling\w*|TooManyRequests\w*)$/],
    as: "broken",
    hint: busyHint,
  },
  {
    when: [
      /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|AbortError)$/,
    ],
    as: "broken",
    hint: unreachableHint,
  },
  {
    when: [/CERT|^ERR_TLS|^ERR_SSL|^EPROTO$/],
    as: "broken",
    hint: "The connection is not trusted: check that --endpoint begins with https:// or http:// as the store does, and give an authority of your own with NODE_EXTRA_CA_CERTS.",
  },
];

/** Stores tell the right region in a field, in a header, or only in the text. */
function regionIn(thrown: Error & Partial<Thrown>): string | undefined {
  const { Region: named, $response: response } = thrown;
  return named ?? response?.headers?.["x-amz-bucket-region"] ?? /expecting '([a-z\d-]+)'/.exec(thrown.message)?.[1];
}

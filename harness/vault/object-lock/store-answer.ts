// What a store answered to a request of the lock probe: there a refusal is a result, and not a failure.
import { errorMessage } from "../../base/errors.ts";

interface Answer {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function statusOf(error: unknown): number {
  return (error as Answer | undefined)?.$metadata?.httpStatusCode ?? 0;
}

/** "403 AccessDenied" */
export function answerOf(error: unknown): string {
  const status = statusOf(error);
  const isNamed = error instanceof Error && error.name !== "Error" && !(error instanceof RefusedInBatch);
  const code = isNamed ? error.name : errorMessage(error);
  return status === 0 ? code : `${status} ${code}`;
}

/** The store is there and says no, or something that nobody understands; 501: it does not know the request. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error);
  return (status > 0 && status < 500) || status === 501 || error instanceof RefusedInBatch;
}

/** Refusal of one object in a request for many, which itself is answered with 200. */
export class RefusedInBatch extends Error {
  override readonly name = "RefusedInBatch";
}

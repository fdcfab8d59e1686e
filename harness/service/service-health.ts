// The healthcheck of a graph service, which is no part of the /admin contract: a service without one says nothing.
import { errorMessage } from "../base/errors.ts";

const answerTimeoutMs = 10_000;

/** What is wrong with the service, as one sentence; undefined where it is healthy, or has no healthcheck. */
export async function serviceProblem(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { origin } = new URL(url);
  const ended = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  try {
    const response = await fetch(new URL("/healthcheck", url), { redirect: "manual", signal: ended });
    if (response.ok || response.status === 404) return undefined;
    return `the graph service ${origin} is not healthy (${response.status}): ${(await response.text()).slice(0, 500)}`;
  } catch (error) {
    return `the graph service ${origin} does not answer its healthcheck: ${errorMessage(error)}`;
  }
}

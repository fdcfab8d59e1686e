// The few calls that the action makes to GitHub's API.
import { readFileSync } from "node:fs";
import { actionEnvironment } from "../../harness/base/environment.ts";
import { type DrillError, environmentError, usageError } from "../../harness/base/errors.ts";

interface Event {
  readonly pull_request?: { readonly number: number; readonly base: { readonly sha: string; readonly ref: string } };
  readonly merge_group?: { readonly base_sha: string };
}

/** What started the workflow. */
export function event(): Event {
  const { eventPath } = actionEnvironment();
  return eventPath === undefined ? {} : (JSON.parse(readFileSync(eventPath, "utf8")) as Event);
}

/** The commit whose policy decides: the change that is judged cannot have modified it. */
export function trustedCommit(): string {
  const { pull_request: pull, merge_group: group } = event();
  const commit = pull?.base.sha ?? group?.base_sha ?? actionEnvironment().sha;
  if (commit === undefined) throw usageError("GITHUB_SHA is missing", "Outside GitHub use `policy-from: checkout`.");
  return commit;
}

export async function fileAt(commit: string, path: string, token: string): Promise<string> {
  const place = `contents/${path.split("/").map(encodeURIComponent).join("/")}?ref=${commit}`;
  const response = await call("GET", place, token, { accept: "application/vnd.github.raw+json" });
  if (response.ok) return await response.text();
  if (response.status === 404)
    throw usageError(
      `there is no ${path} in ${commit.slice(0, 12)}, the commit whose policy decides`,
      "A policy decides from the pull request after the one that adds it. For this one set `policy-from: checkout`.",
    );
  throw refused(`${path} could not be read`, response, "contents: read");
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly type?: string };
}

/** Renews our comment, or makes one. `body` begins with the line that marks it as ours. */
export async function writeComment(number: number, body: string, token: string): Promise<void> {
  const [marker = ""] = body.split("\n", 1);
  const json = JSON.stringify({ body });
  const known = await commentMarked(number, marker, token);
  const response =
    known === undefined
      ? await call("POST", `issues/${number}/comments`, token, { body: json })
      : await call("PATCH", `issues/comments/${known}`, token, { body: json });
  if (!response.ok) throw refused("the comment could not be written", response, "pull-requests: write");
}

const pageSize = 100;

async function commentMarked(number: number, marker: string, token: string): Promise<number | undefined> {
  for (let page = 1; ; page++) {
    const response = await call("GET", `issues/${number}/comments?per_page=${pageSize}&page=${page}`, token);
    if (!response.ok) throw refused("the comments could not be read", response, "pull-requests: write");
    const comments = (await response.json()) as readonly Comment[];
    // Any user can put our marker into a comment.
    const ours = comments.find(({ user, body }) => user?.type === "Bot" && body?.startsWith(`${marker}\n`));
    if (ours !== undefined) return ours.id;
    if (comments.length < pageSize) return undefined;
  }
}

const deadlineMs = 30_000;

async function call(
  method: string,
  path: string,
  token: string,
  { accept = "application/vnd.github+json", body }: { readonly accept?: string; readonly body?: string } = {},
): Promise<Response> {
  const { apiUrl, repository } = actionEnvironment();
  const headers = { accept, authorization: `Bearer ${token}`, "x-github-api-version": "2022-11-28" };
  return await fetch(`${apiUrl}/repos/${repository}/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(deadlineMs),
  }).catch((cause: unknown) => {
    throw environmentError(`GitHub did not answer ${method} ${path}: ${String(cause)}`);
  });
}

function refused(what: string, { status }: Response, right: string): DrillError {
  return environmentError(`${what}: GitHub answered ${status}`, `Does the job have \`permissions: ${right}\`?`);
}

// Where a vault on S3 is, as the user gives it: s3://bucket/prefix, and where it is not Amazon's, the endpoint.
import { DrillError, usageError } from "../../../base/errors.ts";

export interface S3Place {
  readonly bucket: string;
  /** Without a slash at either end; empty for a vault that has the bucket for itself. */
  readonly prefix: string;
  /** Address of the store; Amazon's own for the region when not given. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Profile of the AWS configuration that has the credentials, where another place needs others. */
  readonly profile?: string;
  /** Which of several vaults it is; without it, the one of --vault. */
  readonly side?: VaultSide;
  /** When not given, they are found as by every AWS program: environment, profile, role of the machine. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The vaults that a command with several of them has beside that of --vault. */
export type VaultSide = "from" | "to" | "second";

/** The text with the flags of --vault named as this command has them: --to and --to-endpoint, for example. */
export function withFlagsOf(side: VaultSide | undefined, text: string): string {
  if (side === undefined) return text;
  const place = side === "second" ? "--second-vault" : `--${side}`;
  return text.replaceAll(/--vault\b/g, place).replaceAll(/--(endpoint|region)\b/g, `--${side}-$1`);
}

export interface S3Flags {
  readonly side?: VaultSide | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

const rightForm =
  "The form is s3://bucket/prefix, for example s3://backups/graph; the address of a store goes to --endpoint.";
/** Characters that stay the same in a URL, in XML and in a policy. */
const prefixPattern = /^[\w.=+@-]+(?:\/[\w.=+@-]+)*$/;
const bucketPattern = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;

/** Whether it is meant as a place on S3, also where it is not written right. */
export function isS3Url(text: string): boolean {
  return /^s3:/i.test(text);
}

export function parseS3Url(text: string, { side, ...flags }: S3Flags): S3Place {
  try {
    return { ...placeOf(text, flags), ...(side === undefined ? {} : { side }) };
  } catch (error) {
    if (!(error instanceof DrillError) || error.hint === undefined) throw error;
    throw usageError(error.message, withFlagsOf(side, error.hint));
  }
}

function placeOf(text: string, { endpoint, region, profile }: S3Flags): S3Place {
  const [, bucket, rest = ""] = /^s3:\/\/([^/]*)(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket === undefined) throw usageError(`"${text}" is not a place on S3`, rightForm);
  if (bucket === "") throw usageError(`"${text}" names no bucket`, rightForm);
  if (bucket.includes("@")) throw usageError("an S3 URL holds no credentials", `${rightForm} ${credentialsHint}`);
  if (!bucketPattern.test(bucket))
    throw usageError(
      `"${bucket}" is not the name of a bucket`,
      `It has 3 to 63 characters: small letters, digits, dots and hyphens. ${rightForm}`,
    );
  const prefix = rest.replace(/\/$/, "");
  if (prefix !== "" && (!prefixPattern.test(prefix) || /(?:^|\/)\.\.?(?:\/|$)/.test(prefix)))
    throw usageError(
      `"${prefix}" cannot be the prefix of a vault`,
      `It consists of letters, digits and . _ - = + @, in parts with one slash between them. ${rightForm}`,
    );
  return {
    bucket,
    prefix,
    ...(endpoint === undefined ? {} : { endpoint: checkedEndpoint(endpoint) }),
    ...(region === undefined ? {} : { region: checkedRegion(region) }),
    ...(profile === undefined ? {} : { profile }),
  };
}

export const credentialsHint =
  "Credentials are found as by every AWS program: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of the machine.";

/** What the URL holds besides the address is not repeated in the error, as it may be a secret. */
function checkedEndpoint(text: string): string {
  const url = URL.parse(text);
  if (url?.username !== "" || url.password !== "") {
    if (url === null) throw usageError("the endpoint is not a URL", endpointForm);
    throw usageError(
      "the endpoint holds credentials, which other users could see",
      `${endpointForm} ${credentialsHint}`,
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw usageError(`the endpoint begins with ${url.protocol}`, endpointForm);
  if (url.search !== "" || url.hash !== "" || url.pathname !== "/")
    throw usageError(
      `the endpoint ${url.origin} has more after the host`,
      `${endpointForm} The bucket goes to --vault.`,
    );
  return url.origin;
}

const endpointForm = "Give --endpoint as https://host or https://host:port.";

function checkedRegion(text: string): string {
  if (!/^[a-z\d-]{1,64}$/i.test(text))
    throw usageError(`"${text}" is not the name of a region`, "For example: eu-central-1.");
  return text;
}

/** Name of the place in messages, and in what a key ring remembers: one bucket name may exist in two stores. */
export function nameOfPlace({ bucket, prefix, endpoint }: S3Place): string {
  const url = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  return endpoint === undefined ? url : `${url} at ${endpoint}`;
}

// One bucket, and how a request reaches it: with a deadline, a bounded number of attempts, and errors that name it.
import {
  type $Command,
  type S3ClientResolvedConfig,
  S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-s3";
import { systemClock } from "../../../base/clock.ts";
import { endedBy } from "../../../base/deadline.ts";
import { explainS3Error } from "./s3-errors.ts";
import { nameOfPlace, type S3Place, type VaultSide } from "./s3-place.ts";

/** The standard mode of the SDK: it waits 0.1 s and then twice as long each time, with jitter; Retry-After adds up to 5 s. */
const attemptsMax = 5;
const connectTimeoutMs = 10_000;
/** No byte in either direction for so long ends an attempt. */
const silenceTimeoutMs = 30_000;
/** Deadline of all attempts of a request together; the body adds the time that it takes at this rate. */
const requestTimeoutMs = 120_000;
const leastBytesPerSecond = 32 * 1024;

/** A command of the SDK with its own input and output. */
type S3Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = $Command<I, O, S3ClientResolvedConfig>;

interface SendOptions {
  /** Size of the body, sent or received. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
}

export interface S3Bucket {
  readonly bucket: string;
  /** Name of the vault in messages. */
  readonly where: string;
  readonly side: VaultSide | undefined;
  /** `<prefix>/<path>`. */
  key(path: string): string;
  pathOf(key: string): string;
  /** Throws what `explainS3Error` makes of a failure. */
  send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: S3Command<I, O>,
    options?: SendOptions,
  ): Promise<O>;
  /** Milliseconds since 1970 by the clock of the store, as of its last answer. */
  storeNowMs(): number;
  close(): void;
}

export interface BucketOptions {
  readonly attempts?: number;
  readonly silenceMs?: number;
}

/** A client that sends nothing yet, for requests of which every answer is wanted as the store gave it. */
export function clientOf(
  { endpoint, region, profile, credentials }: S3Place,
  { attempts = attemptsMax, silenceMs = silenceTimeoutMs }: BucketOptions = {},
): S3Client {
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(endpoint === undefined ? {} : { region: () => regionOr("us-east-1", profile) }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: attempts,
    retryMode: "standard",
    // Both checksums are our own (s3-upload.ts, s3-store.ts), as stores differ in which they look at.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: connectTimeoutMs, socketTimeout: silenceMs },
  });
}

/** A store of one's own has no regions, or the one that the environment or the profile names. */
async function regionOr(other: string, profile: string | undefined): Promise<string> {
  const { config } = new S3Client(profile === undefined ? {} : { profile });
  return await config.region().catch(() => other);
}

/** Sends nothing yet. Its connections do not keep the process alive while no request is open. */
export function openBucket(place: S3Place, options?: BucketOptions): S3Bucket {
  const { bucket, prefix } = place;
  const client = clientOf(place, options);
  let clockOffsetMs = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      const date = Date.parse(headers?.["date"] ?? "");
      if (!Number.isNaN(date)) clockOffsetMs = date - systemClock.nowMs();
      return result;
    },
    { step: "deserialize", name: "storeClock", priority: "low" },
  );
  const [where, { side }] = [nameOfPlace(place), place];
  const start = prefix === "" ? "" : `${prefix}/`;
  return {
    bucket,
    where,
    side,
    key: (path) => `${start}${path}`,
    pathOf: (key) => key.slice(start.length),
    send: async (command, { bytes = 0, signal } = {}) => {
      const timeoutMs = requestTimeoutMs + (bytes / leastBytesPerSecond) * 1000;
      const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
      const abortSignal = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      try {
        return await endedBy(client.send(command, { abortSignal }), abortSignal, 1000);
      } catch (error) {
        throw explainS3Error({ where, side, verb: verbOf(command), key: keyOf(command.input, start) }, error);
      }
    },
    storeNowMs: () => systemClock.nowMs() + clockOffsetMs,
    close: () => client.destroy(),
  };
}

/** `PutObject` of a PutObjectCommand. */
function verbOf(command: object): string {
  return command.constructor.name.replace(/Command$/, "");
}

function keyOf(input: object, start: string): string {
  const { Key, Prefix } = input as { readonly Key?: string; readonly Prefix?: string };
  return Key ?? Prefix ?? start;
}

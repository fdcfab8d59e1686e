// The server as an archiver sees it beside the stream: a connection that is opened again when it broke, and the settings
// that it needs there, kept as they must be.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, explanationOf } from "../../base/errors.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { archivePurpose } from "./archive-settings.ts";
import { checkSource } from "../backup/cut.ts";
import { overrideSettings, type SettingsOverride, type Settings } from "../backup/override-settings.ts";
import { mustBeAllowed } from "../needed-rights.ts";
import type { Store } from "../store/store.ts";

const answerTimeoutMs = 10_000;

export interface ArchiveSourceOptions {
  readonly endpoint: Endpoint;
  readonly store: Store;
  readonly settings: Settings;
  readonly note: (line: string) => void;
  /** Ends the wait for a server that still loads. */
  readonly signal: AbortSignal;
}

export class ArchiveSource implements AsyncDisposable {
  readonly #options: ArchiveSourceOptions;
  #connection: Connection | undefined;
  /** Of the last connection; they are given back also where that has broken meanwhile. */
  #settings: SettingsOverride | undefined;
  /** Several may find the connection broken at once; one opens it for all of them. */
  #opening: Promise<Connection> | undefined;
  #isClosed = false;

  constructor(options: ArchiveSourceOptions) {
    this.#options = options;
  }

  get name(): string {
    return address(this.#options.endpoint);
  }

  /** The connection that there is, or a new one to a server that can be archived and has our settings. */
  connection(): Promise<Connection> {
    if (this.#isClosed)
      return Promise.reject(new DrillError(`the archive of ${this.name} has ended`, { exit: "internal" }));
    this.#opening ??= this.#keepOrOpen().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #keepOrOpen(): Promise<Connection> {
    if (this.#connection !== undefined) {
      if (await isAlive(this.#connection)) return this.#connection;
      this.#connection.close();
      this.#connection = undefined;
    }
    const { endpoint, store, settings: wanted, note, signal } = this.#options;
    const connection = await connect(endpoint, { name: "falkordrill-archive", commandTimeoutMs: answerTimeoutMs });
    try {
      await checkSource(connection, { note, signal });
      await mustBeAllowed(connection, ["SELECT", "GRAPH.RO_QUERY"]);
      this.#settings = await overrideSettings(connection, store, wanted, archivePurpose);
      for (const line of this.#settings.notes) note(line);
      this.#connection = connection;
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Sets again what somebody has changed. What came through meanwhile is for the stream to tell. */
  async keepSettings(): Promise<void> {
    const changed = (await this.#settings?.renew()) ?? [];
    if (changed.length > 0)
      this.#options.note(
        `somebody changed ${changed.join(", ")} on ${this.name}; an archive needs it, so it was set again`,
      );
  }

  /** Gives the settings back, as far as the server is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    // Who is just opening one would leave it open, and the settings changed.
    await this.#opening?.catch(() => {});
    await this.#settings?.giveBack().catch((error: unknown) => this.#options.note(explanationOf(error)));
    this.#connection?.close();
  }
}

async function isAlive(connection: Connection): Promise<boolean> {
  return connection.command("PING").then(
    () => true,
    () => false,
  );
}

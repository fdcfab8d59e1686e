// The server as an archiver sees it outside the stream: a connection that is reopened when it breaks, and the settings
// that the archiver needs on the server.
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
  /** Aborted to end the wait for a server that is still loading. */
  readonly signal: AbortSignal;
}

export class ArchiveSource implements AsyncDisposable {
  readonly #options: ArchiveSourceOptions;
  #connection: Connection | undefined;
  /** Settings override made over the last connection; it is restored even if that connection has broken. */
  #settings: SettingsOverride | undefined;
  /** Several callers may find the connection broken at once; one opens it for all of them. */
  #opening: Promise<Connection> | undefined;
  #isClosed = false;

  constructor(options: ArchiveSourceOptions) {
    this.#options = options;
  }

  get name(): string {
    return address(this.#options.endpoint);
  }

  /** The current connection, or a new one to a server that can be archived and has our settings. */
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

  /** Sets again what another client has changed. What was replicated meanwhile is checked in the stream. */
  async keepSettings(): Promise<void> {
    const changed = (await this.#settings?.renew()) ?? [];
    if (changed.length > 0)
      this.#options.note(
        `another client changed ${changed.join(", ")} on ${this.name}; an archive needs it, so it was set again`,
      );
  }

  /** Restores the settings if the server can be reached. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    // A connection that is just being opened would otherwise stay open, with the settings changed.
    await this.#opening?.catch(() => {});
    await this.#settings?.restore().catch((error: unknown) => this.#options.note(explanationOf(error)));
    this.#connection?.close();
  }
}

async function isAlive(connection: Connection): Promise<boolean> {
  return connection.command("PING").then(
    () => true,
    () => false,
  );
}

// The server as an archiver sees it beside the stream: a connection that is opened again when it broke, and the settings
// that it needs there, kept as they must be.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { connect, type Connection } from "../../falkordb/connection.ts";
import { archivePurpose } from "./archive-settings.ts";
import { checkSource } from "./cut.ts";
import { borrowSettings, type BorrowedSettings, type Settings } from "./guest.ts";
import type { Store } from "./store.ts";

const answerTimeoutMs = 10_000;

export class ArchiveSource implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #store: Store;
  readonly #wanted: Settings;
  readonly #note: (line: string) => void;
  #open: { readonly connection: Connection; readonly settings: BorrowedSettings } | undefined;

  constructor(endpoint: Endpoint, store: Store, settings: Settings, note: (line: string) => void) {
    this.#endpoint = endpoint;
    this.#store = store;
    this.#wanted = settings;
    this.#note = note;
  }

  get name(): string {
    return address(this.#endpoint);
  }

  /** The connection that there is, or a new one to a server that can be archived and has our settings. */
  async connection(): Promise<Connection> {
    if (this.#open !== undefined) {
      const { connection } = this.#open;
      if (await isAlive(connection)) return connection;
      connection.close();
      this.#open = undefined;
    }
    const options = { name: "falkordrill-archive", commandTimeoutMs: answerTimeoutMs };
    const connection = await connect(this.#endpoint, options);
    try {
      await checkSource(connection);
      const settings = await borrowSettings(connection, this.#store, this.#wanted, archivePurpose);
      for (const note of settings.notes) this.#note(note);
      this.#open = { connection, settings };
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Sets again what somebody has changed. What came through meanwhile is for the stream to tell. */
  async keepSettings(): Promise<void> {
    const changed = (await this.#open?.settings.renew()) ?? [];
    if (changed.length > 0)
      this.#note(`somebody changed ${changed.join(", ")} on ${this.name}; an archive needs it, so it was set again`);
  }

  /** Gives the settings back, as far as the server is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    try {
      await open.settings.giveBack();
    } catch (error) {
      this.#note(`the settings of ${this.name} could not be put back; the next archive does it: ${String(error)}`);
    }
    open.connection.close();
  }
}

async function isAlive(connection: Connection): Promise<boolean> {
  return connection.command("PING").then(
    () => true,
    () => false,
  );
}

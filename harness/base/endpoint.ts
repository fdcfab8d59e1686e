// How a FalkorDB server is reached, and the one parser of the URLs that users write for it.
import { usageError } from "./errors.ts";

export interface Endpoint {
  /** Name or address; "localhost" for a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** The Unix socket, in place of host and port. */
  readonly path?: string;
  readonly username?: string;
  /** Always set with a user name: an empty one still logs in, or the server would see the default user. */
  readonly password?: string;
  /** Set where the connection is encrypted. */
  readonly tls?: TlsSettings;
}

/** Paths of PEM files. They are read at every connect, so that a renewed certificate needs no restart. */
export interface TlsSettings {
  /** Certificates of the authorities that are trusted instead of the system's. */
  readonly ca?: string;
  /** The client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must bear, where it is not the host of the URL. */
  readonly serverName?: string;
}

/** Settings from flags; each overrides the same setting in the URL. */
export interface EndpointOverrides {
  readonly password?: string | undefined;
  readonly tls?: TlsSettings | undefined;
}

const form = "redis[s]://[user[:password]@]host[:port] or unix://[user[:password]@]/path/of/the.sock";
const parameters: Readonly<Record<string, keyof TlsSettings>> = {
  "tls-ca": "ca",
  "tls-cert": "cert",
  "tls-key": "key",
  "tls-server-name": "serverName",
};
const defaultPort = 6379;

/** An `@` is allowed only before the first of `/?#`, so a later one means a password that was not encoded. */
const pattern =
  /^(?<scheme>[a-z+]+):\/\/(?:(?<login>[^/?#]*)@)?(?<place>[^/?#]*)(?<path>[^?#]*)(?:\?(?<query>[^#]*))?$/i;

export function parseServerUrl(text: string, overrides: EndpointOverrides = {}): Endpoint {
  const parts = pattern.exec(text.trim())?.groups;
  if (parts === undefined) throw invalid(text, "it cannot be read");
  const { scheme = "", login, place = "", path = "", query = "" } = parts;
  if (path.includes("@") || query.includes("@"))
    throw invalid(text, "its password holds a character that must be encoded", "Write / as %2F, ? as %3F, # as %23.");
  const credentials = credentialsOf(text, login, overrides.password);
  const tls = tlsOf(text, query, overrides.tls);
  switch (scheme.toLowerCase()) {
    case "redis":
      if (tls !== undefined) throw invalid(text, "TLS settings need a URL that begins with rediss:");
      return { ...hostAndPort(text, place, path), ...credentials };
    case "rediss":
      return { ...hostAndPort(text, place, path), ...credentials, tls: tls ?? {} };
    case "unix":
    case "redis+unix":
      if (tls !== undefined) throw invalid(text, "a Unix socket takes no TLS settings");
      if (place !== "" || path.length < 2) throw invalid(text, "the path of the socket must follow as in unix:///path");
      return { host: "localhost", port: 0, path: decoded(text, path), ...credentials };
    default:
      throw invalid(text, `it begins with "${scheme}:"`);
  }
}

/** The server in messages, and as it is named to consent to its wiping: `host:port` or the path of its socket. */
export function address({ host, port, path }: Pick<Endpoint, "host" | "port" | "path">): string {
  return path ?? `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * The URL of an endpoint, without its password unless that is asked for. A password comes with the name of the default
 * user: redis-cli takes an empty name for a user of that name.
 */
export function serverUrl(endpoint: Endpoint, { withPassword = false }: { withPassword?: boolean } = {}): string {
  const { password, path, tls } = endpoint;
  const secret = withPassword && password !== undefined ? `:${encodeURIComponent(password)}` : "";
  const username = endpoint.username ?? (secret === "" ? "" : "default");
  const login = username === "" && secret === "" ? "" : `${encodeURIComponent(username)}${secret}@`;
  if (path !== undefined) return `unix://${login}${encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent)}`;
  const settings = Object.entries(parameters).flatMap(([name, key]) => {
    const value = tls?.[key];
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  const query = settings.length === 0 ? "" : `?${settings.join("&")}`;
  return `redis${tls === undefined ? "" : "s"}://${login}${address(endpoint)}${query}`;
}

function hostAndPort(text: string, place: string, path: string): Pick<Endpoint, "host" | "port"> {
  const match = /^(?:\[(?<literal>[0-9a-f:.%]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d*))?$/i.exec(place)?.groups;
  if (match === undefined) throw invalid(text, place === "" ? "it names no host" : "its host and port cannot be read");
  const port = Number(match["port"] === undefined || match["port"] === "" ? defaultPort : match["port"]);
  if (port < 1 || port > 65_535) throw invalid(text, `its port ${port} is not one of 1 to 65535`);
  if (!["", "/", "/0"].includes(path))
    throw invalid(
      text,
      `it names the database "${path.slice(1)}"`,
      "Leave it out: a server has one set of backups, for the graphs of all its databases together.",
    );
  return { host: match["literal"] ?? decoded(text, match["name"] ?? ""), port };
}

function credentialsOf(
  text: string,
  login: string | undefined,
  given: string | undefined,
): Pick<Endpoint, "username" | "password"> {
  const [user = "", ...rest] = (login ?? "").split(":");
  const username = decoded(text, user);
  const inUrl = decoded(text, rest.join(":"));
  const password = given !== undefined && given !== "" ? given : inUrl;
  if (username === "") return password === "" ? {} : { password };
  return { username, password };
}

function tlsOf(text: string, query: string, given: TlsSettings = {}): TlsSettings | undefined {
  const found: Partial<Record<keyof TlsSettings, string>> = {};
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const [name = "", ...value] = pair.split("=");
    const key = parameters[name];
    if (key === undefined)
      throw invalid(text, `it has an unknown parameter "${name}"`, `Known are ${Object.keys(parameters).join(", ")}.`);
    found[key] = decoded(text, value.join("="));
  }
  const tls = { ...found, ...given };
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw usageError("a client certificate needs its key and a key its certificate", "Give --tls-cert and --tls-key.");
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, "it holds a % that begins no encoded character", "Write a % itself as %25.");
  }
}

/** The message repeats the URL without the part before its last "@", which may be a password. */
function invalid(text: string, why: string, hint?: string): Error {
  const shown = text.includes("@") ? `...${text.slice(text.lastIndexOf("@"))}` : text;
  return usageError(`"${shown}" is not the URL of a server: ${why}`, hint ?? `Expected is ${form}.`);
}

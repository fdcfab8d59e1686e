// The sockets under every connection to a server: TCP, TLS or a Unix socket, as its endpoint says.
import { readFileSync } from "node:fs";
import net, { type OnReadOpts, type Socket } from "node:net";
import tls, { type ConnectionOptions } from "node:tls";
import { address, type Endpoint, type TlsSettings } from "../../base/endpoint.ts";
import { codeOf, environmentError, errorMessage, usageError } from "../../base/errors.ts";

export interface SocketOptions {
  readonly onread: OnReadOpts;
  readonly signal?: AbortSignal;
}

/** Packets go into the buffers of `onread`: a gigabyte of them would otherwise become garbage. */
export function openSocket(endpoint: Endpoint, { onread, signal }: SocketOptions): Socket {
  const { host, port, path } = endpoint;
  const where = path === undefined ? { host, port } : { path };
  const options = { ...where, onread, ...(signal === undefined ? {} : { signal }) };
  if (endpoint.tls === undefined) return net.connect({ ...options, noDelay: true });
  // The types omit `onread` and `signal`, which tls.connect passes to the socket under it.
  return tls.connect({ ...options, ...tlsOptions(endpoint) } as ConnectionOptions).setNoDelay(true);
}

/** The event after which a socket can be written to. */
export function connectedEvent({ tls: settings }: Endpoint): "connect" | "secureConnect" {
  return settings === undefined ? "connect" : "secureConnect";
}

/** TLS options beyond host and port; undefined without TLS. The files are read again at each call. */
export function tlsOptions({ host, tls: settings }: Endpoint): ConnectionOptions | undefined {
  if (settings === undefined) return undefined;
  const { ca, cert, key } = settings;
  const serverName = settings.serverName ?? host;
  return {
    ...(ca === undefined ? {} : { ca: pem(ca, "ca") }),
    ...(cert === undefined ? {} : { cert: pem(cert, "cert") }),
    ...(key === undefined ? {} : { key: pem(key, "key") }),
    // An IP address may not be sent as a server name (RFC 6066), but is still checked against the certificate.
    ...(net.isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(serverName, certificate),
  };
}

function pem(file: string, name: keyof TlsSettings): Buffer {
  try {
    const text = readFileSync(file);
    if (text.includes("-----BEGIN ")) return text;
  } catch (error) {
    throw usageError(`--tls-${name}: cannot read ${file}: ${errorMessage(error)}`);
  }
  throw usageError(`--tls-${name}: ${file} holds nothing in PEM`, "It begins with a line such as -----BEGIN ...-----.");
}

/**
 * Why a server cannot be reached, with a hint. Without the cause: ioredis attaches the command with its arguments to an
 * error, and they may contain the password.
 */
export function unreachable(endpoint: Endpoint, error: unknown): Error {
  const message = errorMessage(error);
  const known = hints.find(({ pattern }) => pattern.test(`${codeOf(error)} ${message}`));
  return environmentError(
    `cannot connect to FalkorDB at ${address(endpoint)}: ${message}`,
    known?.hint ?? "Check that the server runs there, and that user and password are right.",
  );
}

const hints: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  {
    pattern: /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)/,
    hint: "Give the certificate of the authority that signed the server's with --tls-ca.",
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID/,
    hint: "Give the name that the certificate bears with --tls-server-name.",
  },
  { pattern: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, hint: "Renew the certificate, or set the clock right." },
  {
    pattern: /wrong version number|packet length too long|EPROTO/i,
    hint: "Does the server speak TLS on this port? Without it the URL begins with redis:.",
  },
  {
    pattern: /alert|certificate required|ERR_SSL/i,
    hint: "The server refused the TLS handshake: it may want a client certificate (--tls-cert and --tls-key).",
  },
];

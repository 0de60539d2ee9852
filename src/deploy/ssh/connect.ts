import { addAbortListener } from "node:events";
import type { Duplex } from "node:stream";
import { type Host, type HostAddress, HostError, type HostSpec } from "../../contracts/hosts/host.ts";
import { formatAuthority } from "../../core/address.ts";
import { delay, untilAborted } from "../../core/async.ts";
import { describeError, TimeoutError } from "../../core/errors.ts";
import { traceWork } from "../../core/trace.ts";
import { describeConnectFailure, explainRefusal, type Hop } from "./errors.ts";
import { type CredentialOptions, type Credentials, readCredentials } from "./keys/credentials.ts";
import { type HostKeyOptions, noKnownType, openHostKeyCheck } from "./keys/host-key.ts";
import { type Client, openClient } from "./session/client.ts";
import { openSshHost } from "./session/host.ts";
import { Link } from "./session/link.ts";

export interface SshOptions extends HostKeyOptions, CredentialOptions {
  /**
   * Longest time until a connection stands and the login is done, for each host on the way; then for every answer that
   * the host owes at once.
   */
  readonly timeoutMs: number;
  /** Ends the attempt to connect. The connection itself ends when the host is disposed of. */
  readonly signal: AbortSignal;
}

/**
 * Connects to a host and logs in. The connection is opened again when it is lost.
 *
 * @throws HostError naming host, cause and remedy; the signal's reason on abort
 */
export async function connectHost(spec: HostSpec, options: SshOptions): Promise<Host> {
  const { name, address } = spec;
  const link = await openLink(spec, options);
  const { timeoutMs } = options;
  return openSshHost({
    name,
    description: formatHost(address),
    link,
    timeoutMs,
    isRoot: address.user === "root",
  });
}

/** The connection to a host, for `openSshHost`. */
export async function openLink({ name, address }: HostSpec, options: SshOptions): Promise<Link> {
  const description = `${name} (${formatHost(address)})`;
  // Told once for a host, however often the connection is opened.
  const reported = new Set<string>();
  const warn = (message: string) => {
    if (reported.has(message)) return;
    reported.add(message);
    options.warn(message);
  };
  const open = (signal: AbortSignal) => openHop({ name, address, description }, { ...options, warn, signal });
  return new Link(await open(options.signal), { host: name, description, open });
}

/** "ubuntu@10.0.1.11:22". */
export function formatHost(address: HostAddress): string {
  return `${address.user}@${formatAuthority(address)}`;
}

async function openHop(hop: Hop, options: SshOptions): Promise<Client> {
  const { jump } = hop.address;
  if (jump === undefined) return logIn(hop, options, undefined);
  const description = `the jump host ${formatHost(jump)} of ${hop.name}`;
  const before = await openHop({ name: hop.name, address: jump, description }, options);
  try {
    const client = await logIn(hop, options, before);
    addAbortListener(client.lost, () => before.close());
    return client;
  } catch (error) {
    before.close();
    throw error;
  }
}

/** A server that has too many logins under way drops some (MaxStartups): those come again. */
const dropTries = 4;
const dropWaitMs = 500;

/** Offers first what needs no passphrase; only where that is refused, what does. */
async function logIn(hop: Hop, options: SshOptions, way: Client | undefined): Promise<Client> {
  let credentials = await readCredentials(hop, options);
  for (let drops = 0; ; ) {
    try {
      return await attempt(hop, { options, way, credentials });
    } catch (error) {
      const code = error instanceof HostError ? error.code : undefined;
      if (code === "host-dropped" && way?.lost.aborted !== true && drops + 1 < dropTries) {
        drops += 1;
        await delay(drops * dropWaitMs, options.signal);
      } else if (code === "host-authentication" && credentials.unlock !== undefined) {
        credentials = await credentials.unlock();
      } else throw error;
    }
  }
}

async function attempt(
  hop: Hop,
  { options, way, credentials }: { options: SshOptions; way: Client | undefined; credentials: Credentials },
): Promise<Client> {
  const check = await openHostKeyCheck(hop, options);
  const { timeoutMs, signal } = options;
  try {
    const stream = way && (await openWay(hop, way, signal));
    const { methods, offered } = credentials;
    const keys = { hostKeyAlgorithms: check.algorithms, verifyHostKey: check.verify };
    return await traceWork(
      () => openClient({ address: hop.address, stream, methods, ...keys, timeoutMs, signal }),
      ({ ms, ...end }) => {
        const failure = "error" in end ? describeError(end.error) : undefined;
        return { kind: "connection", host: hop.description, offered, ms, failure };
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (check.algorithms !== undefined && /no matching host key format/i.test(describeError(error))) {
      throw noKnownType(hop, check.algorithms);
    }
    throw describeConnectFailure(error, hop, { timeoutMs, offered: credentials.offered });
  }
}

/**
 * A stream through the host before; that it refuses says why the next one cannot be reached. It may try for long to
 * reach one that does not answer.
 */
async function openWay(hop: Hop, way: Client, signal: AbortSignal): Promise<Duplex> {
  try {
    return await untilAborted(way.openTcp(hop.address), signal);
  } catch (error) {
    if (signal.aborted || error instanceof TimeoutError) throw error;
    const jump = hop.address.jump;
    const over = jump === undefined ? "" : ` from its jump host ${formatHost(jump)}`;
    const message = `Cannot reach ${hop.description}${over}: ${explainRefusal(error)}. Check its address and port, and that the jump host allows forwarding (AllowTcpForwarding).`;
    throw new HostError({ code: "host-unreachable", host: hop.name, message }, { cause: error });
  }
}

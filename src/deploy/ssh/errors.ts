import { type HostAddress, HostError } from "../../contracts/hosts/host.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { describeError, systemCode } from "../../core/errors.ts";
import { CommandError, type CommandFacts } from "../../core/process/command.ts";

/** One host of a way: the one that is meant, or one that is passed. */
export interface Hop {
  /** Of the host that is meant, always. */
  readonly name: string;
  /** For people: "node1 (ubuntu@10.0.1.11:22)", or the jump host of node1. */
  readonly description: string;
  readonly address: HostAddress;
}

/** A command on a host that took too long, wrote too much, or ended with a failure. */
export class HostCommandError extends CommandError {
  readonly host: string;

  constructor(host: string, facts: CommandFacts, why: string) {
    super(facts, `on ${host} ${why}`);
    this.host = host;
  }
}

/** A host that owes an answer, and gives none. @param step completes "… did not" */
export function silentHost(
  {
    host,
    description,
    timeoutMs,
  }: { readonly host: string; readonly description: string; readonly timeoutMs: number },
  step: string,
): HostError {
  const message = `${description} did not ${step} within ${timeoutMs / 1000} s. Check that the host is not overloaded and that its login shell ends, or wait longer with --ssh-timeout.`;
  return new HostError({ code: "host-timeout", host, message });
}

/** What a server says of a session or stream that it does not open, without the library's words before it. */
export function explainRefusal(error: unknown): string {
  return describeError(error).replace("(SSH) Channel open failure: ", "").trim() || "it gives no reason";
}

const passing: ReadonlySet<ErrorCode> = new Set([
  "host-unknown",
  "host-refused",
  "host-unreachable",
  "host-timeout",
  "host-not-ssh",
  "host-dropped",
  "host-handshake",
  "host-connection-lost",
  "host-stream-refused",
]);

/** Failures that another attempt does not mend: somebody must change something first. */
export function isLasting(error: unknown): boolean {
  return error instanceof HostError && !passing.has(error.code);
}

/**
 * Names a failure to connect. Those that have a name already are left as they are.
 *
 * @param offered for the login: "2 keys from the agent, /home/me/.ssh/id_rsa"
 */
export function describeConnectFailure(
  error: unknown,
  hop: Hop,
  { timeoutMs, offered }: { readonly timeoutMs: number; readonly offered: string },
): HostError {
  if (error instanceof HostError) return error;
  const { name: host, description, address } = hop;
  const { code, why, remedy } = explain(error, address.user, offered);
  const isReached = code === "host-authentication";
  const subject = isReached
    ? description
    : `Cannot reach ${description} over SSH within ${timeoutMs / 1000} s:`;
  return new HostError({ code, host, message: `${subject} ${why}. ${remedy}` }, { cause: error });
}

interface Explanation {
  readonly code: ErrorCode;
  readonly why: string;
  readonly remedy: string;
}

const checkAddress = "Check its address and port, and that sshd runs.";
const dropRemedy = "Check its port, and sshd's MaxStartups and PerSourcePenalties if many connect at once.";
const silent: Explanation = {
  code: "host-timeout",
  why: "no SSH server answers",
  remedy: "Check its address and port, and that no firewall or security group drops the connection.",
};
const unknown: Explanation = {
  code: "host-unknown",
  why: "there is no host of that name",
  remedy: "Check its address, and the name resolution of this machine.",
};
const cut: Explanation = { code: "host-dropped", why: "the connection was cut", remedy: dropRemedy };

const bySystem: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: unknown,
  EAI_AGAIN: unknown,
  EAI_NONAME: unknown,
  EAI_NODATA: unknown,
  ECONNREFUSED: { code: "host-refused", why: "connection refused", remedy: checkAddress },
  ETIMEDOUT: silent,
  ECONNRESET: cut,
  EPIPE: cut,
};
const unreachable = ["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL", "EACCES", "EINVAL"];

/** By the system's code, else by what ssh2 says. */
function explain(error: unknown, user: string, offered: string): Explanation {
  const code = systemCode(error) ?? "";
  if (unreachable.includes(code)) {
    const remedy = "Check its address, and that the host is up.";
    return { code: "host-unreachable", why: `no route to it (${code})`, remedy };
  }
  const known = bySystem[code];
  if (known !== undefined) return known;
  const said = describeError(error);
  const isLate = error instanceof Error && error.name === "TimeoutError";
  if (isLate || /timed out while waiting for handshake/i.test(said)) return silent;
  if (/authentication methods failed|too many authentication failures/i.test(said)) {
    const why = `refused the login of ${user}, who offered ${offered || "no key"}`;
    const remedy =
      "Check the user name, and that the key's public half is in that user's ~/.ssh/authorized_keys.";
    return { code: "host-authentication", why, remedy };
  }
  if (/agent/i.test(said)) {
    const why = `could not be logged in to: the ssh-agent failed (${said})`;
    const remedy = "Check that the agent is running, and that the use of the key was not declined.";
    return { code: "host-authentication", why, remedy };
  }
  if (
    /invalid identification string|bad packet length|expected identification|header line too long|greeting/i.test(
      said,
    )
  ) {
    return {
      code: "host-not-ssh",
      why: "the program that answers is not an SSH server",
      remedy: checkAddress,
    };
  }
  if (/before handshake|no response from server/i.test(said)) {
    const why = "the connection was closed before SSH could begin";
    return { code: "host-dropped", why, remedy: dropRemedy };
  }
  const isOld = /no matching/i.test(said);
  const remedy = isOld ? "Update its SSH server." : "See the log of sshd on the host.";
  return { code: "host-handshake", why: said, remedy };
}

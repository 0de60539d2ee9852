import type { HostFailure } from "../../contracts/hosts/host.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { CommandError, type CommandFacts } from "../../core/process/command.ts";

/** What is wrong with a host's address, its key, the login, or the way there. */
export type SshErrorCode =
  | "host-unknown"
  | "host-refused"
  | "host-unreachable"
  | "host-timeout"
  | "host-not-ssh"
  | "host-dropped"
  | "host-handshake"
  | "host-key-unknown"
  | "host-key-changed"
  | "host-key-revoked"
  | "host-key-unsupported"
  | "known-hosts-unreadable"
  | "known-hosts-unwritable"
  | "host-authentication"
  | "key-encrypted"
  | "key-passphrase"
  | "key-unreadable"
  | "key-invalid"
  | "host-connection-lost"
  | "host-given-up"
  | "host-closed"
  | "host-session-refused"
  | "host-stream-refused"
  | "host-forwarding-refused"
  | "host-sudo-password"
  | "host-sudo-refused";

export interface SshFacts {
  readonly code: SshErrorCode;
  readonly host: string;
  readonly message: string;
}

/** A host that cannot be reached, trusted or used; the message names it, the cause and the remedy. */
export class SshError extends BaleenError implements HostFailure {
  declare readonly code: SshErrorCode;
  readonly host: string;

  constructor(facts: SshFacts, options?: { cause?: unknown }) {
    super(facts.code, facts.message, options);
    this.host = facts.host;
  }
}

/** A command on a host that took too long, wrote too much, or ended with a failure. */
export class HostCommandError extends CommandError implements HostFailure {
  readonly host: string;

  constructor(host: string, facts: CommandFacts, why: string) {
    super(facts, `on ${host} ${why}`);
    this.host = host;
  }
}

/** What a server says of a session or stream that it does not open, without the library's words before it. */
export function explainRefusal(error: unknown): string {
  return describeError(error).replace("(SSH) Channel open failure: ", "");
}

/** Failures that another attempt does not mend: somebody must change something first. */
export function isLasting(error: unknown): boolean {
  if (!(error instanceof SshError)) return false;
  const passing: readonly SshErrorCode[] = [
    "host-unknown",
    "host-refused",
    "host-unreachable",
    "host-timeout",
    "host-not-ssh",
    "host-dropped",
    "host-handshake",
    "host-connection-lost",
    "host-stream-refused",
  ];
  return !passing.includes(error.code);
}

import type { HostAddress, HostFailure } from "../../contracts/hosts/host.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { CommandError, type CommandFacts } from "../../core/process/command.ts";

/** One host of a way: the one that is meant, or one that is passed. */
export interface Hop {
  /** Of the host that is meant, always. */
  readonly name: string;
  /** For people: "node1 (ubuntu@10.0.1.11:22)", or the jump host of node1. */
  readonly description: string;
  readonly address: HostAddress;
}

/** A host that cannot be reached, trusted or used; the message names it, the cause and the remedy. */
export class SshError extends BaleenError implements HostFailure {
  readonly host: string;

  constructor(
    { code, host, message }: { readonly code: ErrorCode; readonly host: string; readonly message: string },
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
    this.host = host;
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
  return error instanceof SshError && !passing.has(error.code);
}

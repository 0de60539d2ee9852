/** A machine on which nodes run, and how it is reached. The backend above do not know what carries the commands. */
import type { Duplex, Readable, Writable } from "node:stream";
import type { ErrorCode } from "../../core/error-codes.ts";
import { BaleenError } from "../../core/errors.ts";
import type { CommandOptions, CommandResult } from "../../core/process/command.ts";

/** Where and how a host is reached over SSH: everything is resolved, nothing is left to be looked up. */
export interface HostAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths of private keys, tried in this order, after the agent's. */
  readonly keyFiles: readonly string[];
  /** A host on the way, itself reached like one. */
  readonly jump?: HostAddress | undefined;
}

/** A host as the user described it, checked, but not yet looked up in ~/.ssh/config. What is absent was not said. */
export interface HostRequest {
  /** Unique among the hosts: "host0", or the name given in the file. */
  readonly name: string;
  /** Name, IPv4 or IPv6 address without brackets, or a name that only ~/.ssh/config knows. */
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Path of a private key, `~/` already expanded; relative ones count from the working directory. */
  readonly keyFile?: string | undefined;
  /** The way there as `ssh -J` takes it: `[user@]host[:port]`, several separated by commas; "none": none. */
  readonly jump?: string | undefined;
  /** Address at which the other hosts' validators reach this one; default: the one that SSH goes to. */
  readonly privateAddress?: string | undefined;
  /** For people and for tables: "eu-west". */
  readonly region?: string | undefined;
  /** Committee members (from 0) that run here, ascending; empty: none. */
  readonly nodes: readonly number[];
}

/** A host of a remote network: everything that the user said, and what ~/.ssh/config and the defaults add. */
export interface HostSpec extends Pick<HostRequest, "name" | "privateAddress" | "region" | "nodes"> {
  readonly address: HostAddress;
}

export interface HostCommandOptions extends Pick<CommandOptions, "timeoutMs" | "signal" | "allowFailure"> {
  /** Run by root: directly, or through `sudo -n`. */
  readonly asRoot?: boolean | undefined;
  /** Standard input; default: none. */
  readonly input?: string | undefined;
  /** Called with each line of standard output and error as it comes, for progress. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export type HostCommandResult = CommandResult;

/** A command that runs on a host until it ends or is stopped. */
export interface HostProcess extends AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Never rejects; `exitCode` is null where it was ended by a signal or by the loss of the connection. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderrTail: string }>;
  /** Ends it, and all that it started on the host; resolves when it is gone or cannot be reached any more. */
  readonly stop: () => Promise<void>;
}

/** Whether the connection stands. */
export type LinkState =
  | { readonly state: "lost"; readonly reason: string }
  | { readonly state: "restored"; readonly afterMs: number }
  /** It is not tried any more. */
  | { readonly state: "given-up"; readonly reason: string };

/**
 * A host that cannot be reached, trusted, locked, prepared or used; the message names it, the cause and the remedy.
 * Its code: "host-refused", "host-key-changed", "host-authentication", "host-timeout", …
 */
export class HostError extends BaleenError {
  readonly host: string;

  constructor(
    { code, host, message }: { readonly code: ErrorCode; readonly host: string; readonly message: string },
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
    this.host = host;
  }
}

/** A machine. Disposing of it closes the connection; what runs there is not touched. */
export interface Host extends AsyncDisposable {
  readonly name: string;
  /** "ubuntu@10.0.1.11:22", for messages. */
  readonly description: string;
  /** Longest wait for an answer that it owes at once: to start a command, to open a stream, to say what it is. */
  readonly timeoutMs: number;
  /** Runs a command to its end. The words arrive as they are, whatever is in them. Never a shell's work. */
  readonly exec: (argv: readonly string[], options: HostCommandOptions) => Promise<HostCommandResult>;
  /** Starts a command that goes on. */
  readonly start: (
    argv: readonly string[],
    options: Pick<HostCommandOptions, "asRoot" | "signal">,
  ) => Promise<HostProcess>;
  /** A byte stream to a Unix socket of the host, as the connection's user. */
  readonly connectUnix: (socketPath: string) => Promise<Duplex>;
  /** A byte stream to an address as the host reaches it. */
  readonly connectTcp: (endpoint: { readonly host: string; readonly port: number }) => Promise<Duplex>;
  /** A byte stream to the standard input and output of a command: `docker system dial-stdio`. */
  readonly connectCommand: (
    argv: readonly string[],
    options: Pick<HostCommandOptions, "asRoot">,
  ) => Promise<Duplex>;
  /** Told whenever the connection is lost, stands again, or is given up; returns the way to stop listening. */
  readonly onLink: (listener: (state: LinkState) => void) => () => void;
}

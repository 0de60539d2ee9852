import { addAbortListener } from "node:events";
import type { Duplex } from "node:stream";
import type {
  Host,
  HostCommandOptions,
  HostCommandResult,
  HostProcess,
  LinkState,
} from "../../../contracts/hosts/host.ts";
import { formatAuthority } from "../../../core/address.ts";
import { untilAborted } from "../../../core/async.ts";
import { nameCommand } from "../../../core/process/command.ts";
import { explainRefusal, HostCommandError, SshError } from "../errors.ts";
import type { Client, SessionEnd } from "./client.ts";
import { connectionLost, type LaunchContext, type Launched, launch, untilStarted } from "./launch.ts";
import type { Link } from "./link.ts";
import { runOnHost } from "./run.ts";

/** Longest wait for a command or a stream to begin. */
const startLimitMs = 60_000;
const stderrTailCharacters = 2000;

/** A machine over a link. */
export class SshHost implements Host {
  readonly name: string;
  readonly description: string;
  private readonly context: LaunchContext;

  constructor(of: {
    readonly name: string;
    /** "ubuntu@10.0.1.11:22". */
    readonly description: string;
    readonly link: Link;
    /** Whether the user of the connection is root, and needs no sudo. */
    readonly isRoot: boolean;
  }) {
    const { name, description, link, isRoot } = of;
    this.name = name;
    this.description = description;
    this.context = { link, host: name, description: `${name} (${description})`, isRoot };
  }

  exec(argv: readonly string[], options: HostCommandOptions): Promise<HostCommandResult> {
    return runOnHost(this.context, argv, options);
  }

  async start(
    argv: readonly string[],
    { asRoot, signal }: Pick<HostCommandOptions, "asRoot" | "signal">,
  ): Promise<HostProcess> {
    let tail = Promise.resolve("");
    const launched = await this.launch(argv, { asRoot, signal }, (begun) => {
      tail = readTail(begun);
    });
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= launched.end();
      return stopping;
    };
    const listening = signal && addAbortListener(signal, () => void stop());
    const ended = launched.ended.then(async (end) => {
      listening?.[Symbol.dispose]();
      return { exitCode: exitCodeOf(end) ?? null, stderrTail: await tail };
    });
    const { stream } = launched;
    return { stdin: stream, stdout: stream, ended, stop, [Symbol.asyncDispose]: stop };
  }

  connectUnix(socketPath: string): Promise<Duplex> {
    return this.open(`the socket ${socketPath}`, (client) => client.openUnix(socketPath));
  }

  connectTcp(endpoint: { readonly host: string; readonly port: number }): Promise<Duplex> {
    return this.open(formatAuthority(endpoint), (client) => client.openTcp(endpoint));
  }

  async connectCommand(
    argv: readonly string[],
    { asRoot }: Pick<HostCommandOptions, "asRoot">,
  ): Promise<Duplex> {
    const { stream } = await this.launch(argv, { asRoot }, (launched) =>
      launched.stream.endWith(this.judge(argv, launched)),
    );
    return stream;
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.context.link.onState(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.link[Symbol.asyncDispose]();
  }

  /** What is wrong with how a command ended whose output is used as a stream. */
  private async judge(argv: readonly string[], launched: Launched): Promise<Error | undefined> {
    const tail = readTail(launched);
    const exitCode = exitCodeOf(await launched.ended);
    if (exitCode === 0 || launched.isLost()) return undefined;
    const why = exitCode === undefined ? "was ended" : `failed with exit code ${exitCode}`;
    return new HostCommandError(this.name, { argv, reason: "exit", exitCode, stderrTail: await tail }, why);
  }

  /**
   * Starts a command, and waits until it runs.
   *
   * @param prepare listens to what may come at once
   */
  private async launch(
    argv: readonly string[],
    { asRoot, signal }: Pick<HostCommandOptions, "asRoot" | "signal">,
    prepare: (launched: Launched) => void,
  ): Promise<Launched> {
    const signals = [AbortSignal.timeout(startLimitMs), ...(signal === undefined ? [] : [signal])];
    const either = AbortSignal.any(signals);
    const launched = await launch(this.context, argv, { asRoot: asRoot ?? false, signal: either });
    prepare(launched);
    try {
      await untilAborted(untilStarted(this.context, launched), either);
    } catch (error) {
      await launched.end();
      throw error;
    }
    if (launched.isLost()) throw connectionLost(this.context, nameCommand(argv));
    return launched;
  }

  private async open(what: string, open: (client: Client) => Promise<Duplex>): Promise<Duplex> {
    const client = await this.context.link.client(AbortSignal.timeout(startLimitMs));
    try {
      return await open(client);
    } catch (error) {
      if (client.lost.aborted) throw connectionLost(this.context, `a connection to ${what}`, error);
      throw this.refused(what, error);
    }
  }

  private refused(what: string, error: unknown): SshError {
    const why = explainRefusal(error);
    // RFC 4254, 5.1: administratively prohibited.
    const isForbidden = (error as { reason?: unknown }).reason === 1;
    const remedy = isForbidden
      ? "Let its sshd forward (AllowTcpForwarding, AllowStreamLocalForwarding, DisableForwarding)."
      : "Check that something listens there, that the user may use it, and that sshd may forward.";
    const message = `${this.context.description} lets nobody connect to ${what}: ${why}. ${remedy}`;
    const code = isForbidden ? "host-forwarding-refused" : "host-stream-refused";
    return new SshError({ code, host: this.name, message }, { cause: error });
  }
}

function exitCodeOf(end: SessionEnd | undefined): number | undefined {
  return end !== undefined && "exitCode" in end ? end.exitCode : undefined;
}

/** Reads all of a command's standard error. @returns the last part of it, once the command has ended */
function readTail({ stderr, ended }: Launched): Promise<string> {
  let tail = "";
  stderr.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-stderrTailCharacters);
  });
  const read = new Promise<void>((resolve) => {
    for (const event of ["end", "close"]) stderr.once(event, () => resolve());
  });
  return ended.then(async (end) => {
    if (end !== undefined) await read;
    return tail;
  });
}

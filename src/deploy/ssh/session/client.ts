/** One SSH connection, by node-ssh. Its types stay in here. */
import { addAbortListener } from "node:events";
import type { Duplex, Readable } from "node:stream";
import type { Config, NodeSSH } from "node-ssh";
import type { HostAddress } from "../../../contracts/hosts/host.ts";
import { delay, timeLimit, untilAborted } from "../../../core/async.ts";
import { TimeoutError } from "../../../core/errors.ts";
import type { LoginMethod } from "../keys/keys.ts";
import { ChannelStream } from "./channel-stream.ts";
import { Slots } from "./slots.ts";

interface ClientOptions {
  readonly address: HostAddress;
  /** A way there that stands already; default: a TCP connection of its own. */
  readonly stream?: Duplex | undefined;
  readonly methods: readonly LoginMethod[];
  /** Host key algorithms to offer; undefined: whatever is supported. */
  readonly hostKeyAlgorithms: readonly string[] | undefined;
  /** Rejects for a key that is not to be trusted: the connection fails with that. */
  readonly verifyHostKey: (blob: Buffer) => Promise<void>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

interface SessionOptions {
  readonly signal: AbortSignal;
  readonly urgent?: boolean;
}

/** A command that was started in a session of its own. */
export interface Session {
  /** Standard input and output. Fails when the connection is lost. */
  readonly stream: ChannelStream;
  readonly stderr: Readable;
  /** Never rejects; undefined where the session ended without saying how. */
  readonly ended: Promise<SessionEnd | undefined>;
}

/** One of both. */
export interface SessionEnd {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

/** The connection was lost before a command was sent: it can be sent over the next one. */
export class NotStartedError extends Error {}

/** Sessions at once: sshd's MaxSessions is 10 by default. */
const sessionLimit = 8;
const urgentSessionLimit = 2;
/** Wait for sessions that are being opened while the server refuses this one. */
const refusalWaitMs = 50;

const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** AES-GCM runs in the processor; the others are for servers that do not have it. */
const ciphers = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];

type ChannelRequest<T> = (done: (error: Error | undefined, channel: T) => void) => void;
type Connection = NonNullable<NodeSSH["connection"]>;

/** Connects and logs in. Rejects with what ssh2 says, with what `verifyHostKey` said, or with the signal's reason. */
export async function openClient(options: ClientOptions): Promise<Client> {
  options.signal.throwIfAborted();
  let hostKeyError: unknown;
  const verifyHostKey = (blob: Buffer, verdict: (good: boolean) => void) => {
    options.verifyHostKey(blob).then(
      () => verdict(true),
      (error: unknown) => {
        hostKeyError = error;
        verdict(false);
      },
    );
  };
  // Loaded when it is needed: most commands connect to no host.
  const { NodeSSH: Connector } = await import("node-ssh");
  const ssh = new Connector();
  const connecting = ssh.connect({
    host: options.address.host,
    port: options.address.port,
    username: options.address.user,
    ...(options.stream === undefined ? {} : { sock: options.stream }),
    authHandler: [...options.methods] as NonNullable<Config["authHandler"]> & unknown[],
    algorithms: {
      cipher: ciphers,
      ...(options.hostKeyAlgorithms === undefined ? {} : { serverHostKey: [...options.hostKeyAlgorithms] }),
    } as NonNullable<Config["algorithms"]>,
    hostVerifier: verifyHostKey,
    readyTimeout: options.timeoutMs,
    ...keepalive,
  });
  const connection = ssh.connection;
  if (connection === null) {
    await connecting;
    throw new Error("node-ssh made no connection");
  }
  const loss = watchLoss(connection);
  using _listening = addAbortListener(options.signal, () => connection.destroy());
  try {
    await connecting;
  } catch (error) {
    connection.destroy();
    options.stream?.destroy();
    options.signal.throwIfAborted();
    throw hostKeyError ?? error;
  }
  connection.setNoDelay(true);
  return new Client(connection, loss, options.timeoutMs);
}

/** Handlers stay attached: an error that nobody hears ends the process. */
function watchLoss(connection: Connection): AbortController {
  const loss = new AbortController();
  connection.on("error", (error: Error) => loss.abort(error));
  const closed = () => loss.abort(new Error("the other side closed the connection"));
  connection.on("end", closed);
  connection.on("close", closed);
  return loss;
}

/** A connection that stands, until it does not. */
export class Client {
  /** Aborts, with an Error that says why, when the connection is lost or closed. */
  readonly lost: AbortSignal;
  private readonly connection: Connection;
  private readonly slots = new Slots(sessionLimit);
  private readonly urgentSlots = new Slots(urgentSessionLimit);
  private readonly sessions = new Set<Promise<unknown>>();
  private opening = 0;
  private readonly loss: AbortController;
  private readonly timeoutMs: number;

  constructor(connection: Connection, loss: AbortController, timeoutMs: number) {
    this.connection = connection;
    this.loss = loss;
    this.timeoutMs = timeoutMs;
    this.lost = loss.signal;
    addAbortListener(this.lost, () => connection.destroy());
  }

  /**
   * Starts a command line in the user's shell; waits where too many sessions are open.
   *
   * @param urgent has room of its own: for what ends another command
   * @throws NotStartedError, TimeoutError
   */
  async openSession(line: string, { signal, urgent = false }: SessionOptions): Promise<Session> {
    const release = await (urgent ? this.urgentSlots : this.slots).take(signal);
    try {
      const channel = await this.openSessionChannel(line, signal);
      channel.stderr.on("error", () => {});
      const ended = this.endOf(channel);
      this.sessions.add(ended);
      void ended.then(() => {
        this.sessions.delete(ended);
        release();
      });
      return { stream: new ChannelStream(channel, this.lost), stderr: channel.stderr, ended };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A server that allows fewer sessions than usual refuses some: those wait until another one has ended. */
  private async openSessionChannel(
    line: string,
    signal: AbortSignal,
  ): Promise<Duplex & { readonly stderr: Readable }> {
    this.opening += 1;
    try {
      for (;;) {
        if (this.lost.aborted)
          throw new NotStartedError("the connection was lost before", { cause: this.lost.reason });
        try {
          return await this.open((done) => this.connection.exec(line, done));
        } catch (error) {
          if (!isRefusal(error) || this.lost.aborted) throw error;
          if (this.sessions.size > 0) await untilAborted(Promise.race(this.sessions), signal);
          else if (this.opening > 1) await delay(refusalWaitMs, signal);
          else throw error;
        }
      }
    } finally {
      this.opening -= 1;
    }
  }

  /** @throws TimeoutError where the server does not answer */
  openTcp({ host, port }: { readonly host: string; readonly port: number }): Promise<Duplex> {
    return this.openStream((done) => this.connection.forwardOut("127.0.0.1", 0, host, port, done));
  }

  /** @throws TimeoutError where the server does not answer */
  openUnix(socketPath: string): Promise<Duplex> {
    return this.openStream((done) => this.connection.openssh_forwardOutStreamLocal(socketPath, done));
  }

  close(): void {
    this.loss.abort(new Error("it was closed here"));
    this.connection.end();
    this.connection.destroy();
  }

  /** How it ended is taken from "close": "exit" may have come together with the answer that opened the session. */
  private endOf(channel: Duplex): Promise<SessionEnd | undefined> {
    return new Promise((resolve) => {
      const listening = addAbortListener(this.lost, () => resolve(undefined));
      channel.on("close", (exitCode?: number | null, name?: string) => {
        listening[Symbol.dispose]();
        if (typeof exitCode === "number") resolve({ exitCode });
        else resolve(name === undefined ? undefined : { signal: name });
      });
    });
  }

  private async openStream(request: ChannelRequest<Duplex>): Promise<Duplex> {
    return new ChannelStream(await this.open(request), this.lost);
  }

  /** ssh2 throws where the connection does not stand, and may never answer where it is lost meanwhile. */
  private async open<T extends Duplex>(request: ChannelRequest<T>): Promise<T> {
    const opening = new Promise<T>((resolve, reject) => {
      request((error, channel) => (error === undefined ? resolve(channel) : reject(error)));
    });
    const { timeoutMs } = this;
    using limit = timeLimit(timeoutMs, () => new TimeoutError("the server does not answer", timeoutMs));
    try {
      return await untilAborted(opening, AbortSignal.any([this.lost, limit.signal]));
    } catch (error) {
      // Nobody waits for it any more.
      opening.then(
        (channel) => channel.destroy(),
        () => {},
      );
      throw error;
    }
  }
}

/** The server opens no session, and said so before it could have started anything. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}

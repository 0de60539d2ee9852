/** A load generator that costs as little as it can, so that what it shares its cores with can have them. */
import { connect, type Socket } from "node:net";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { formatAuthority } from "../../src/core/address.ts";
import { InvalidArgumentError } from "../../src/core/errors.ts";
import { BatchTemplate } from "./batch-template.ts";
import { ReplyReader } from "./reply-reader.ts";

export interface SaturatorOptions {
  readonly targets: readonly Endpoint[];
  /** Each carries one request at a time. */
  readonly connectionsPerTarget: number;
  /** Transactions of one request; CometBFT takes ten at most. */
  readonly batch: number;
  readonly transactionSizeBytes: number;
  /** Tells the transactions of two loads on one network apart. */
  readonly run: number;
  /** How many transactions may have been sent by now, in all. Asked whenever a connection is free. */
  readonly allowance: () => number;
}

/** What became of the transactions so far. */
export interface SaturatorCounts {
  readonly sent: number;
  readonly acknowledged: number;
  /** Answered with an error: a full mempool, as a rule. */
  readonly refused: number;
  /** Not answered yet. */
  readonly inFlight: number;
}

/**
 * Sends unique transactions in JSON-RPC batches over kept connections, round-robin over the targets, as fast as the
 * targets answer and the allowance lets it. Stops at the first connection that fails.
 */
export class Saturator implements Disposable {
  /** Rejects where a connection fails or a reply is none; never resolves. */
  readonly failed: Promise<never>;
  readonly #options: SaturatorOptions;
  readonly #template: BatchTemplate;
  readonly #sockets = new Set<Socket>();
  /** Connections without a request, the longest idle first. */
  #idle: ((body: Buffer) => void)[] = [];
  #fail: (error: unknown) => void = () => {};
  #sent = 0;
  #acknowledged = 0;
  #refused = 0;
  #inFlight = 0;
  #isClosed = false;

  private constructor(options: SaturatorOptions) {
    this.#options = options;
    this.#template = new BatchTemplate(options);
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = (error) => {
        this[Symbol.dispose]();
        reject(error);
      };
    });
    this.failed.catch(() => {});
  }

  /** Connects to every target. Nothing is sent before the first `pump`. */
  static async open(options: SaturatorOptions): Promise<Saturator> {
    const { connectionsPerTarget, batch, targets } = options;
    if (!(connectionsPerTarget >= 1 && batch >= 1 && targets.length >= 1)) {
      throw new InvalidArgumentError("A saturator needs a target, a connection to it, and a batch of one.");
    }
    const saturator = new Saturator(options);
    try {
      for (let each = 0; each < connectionsPerTarget; each++) {
        await Promise.all(targets.map((target) => saturator.#connect(target)));
      }
    } catch (error) {
      saturator[Symbol.dispose]();
      throw error;
    }
    return saturator;
  }

  counts(): SaturatorCounts {
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      inFlight: this.#inFlight,
    };
  }

  /** Sends what the allowance lets it, on connections that are free. Call it when the allowance may have grown. */
  pump(): void {
    const { batch, allowance } = this.#options;
    while (!this.#isClosed && this.#idle.length > 0 && this.#sent + batch <= allowance()) {
      const send = this.#idle.shift();
      const body = this.#template.next(this.#sent);
      this.#sent += batch;
      this.#inFlight += batch;
      send?.(body);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(target: Endpoint): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...target, noDelay: true });
      const reader = new ReplyReader();
      let isBusy = false;
      let why = "closed by the node during a request";
      const send = (body: Buffer) => {
        isBusy = true;
        socket.write(body);
      };
      const rest = () => {
        isBusy = false;
        this.#idle.push(send);
      };
      this.#sockets.add(socket);
      socket.on("connect", () => {
        rest();
        resolve();
      });
      socket.on("data", (chunk) => {
        const reply = reader.take(chunk);
        if (reply === undefined) return;
        if (reply.status !== 200) {
          socket.destroy(new Error(`HTTP ${reply.status}: ${reply.body}`));
          return;
        }
        this.#count(reply.errors);
        rest();
        this.pump();
      });
      socket.on("error", (error) => {
        why = error.message;
      });
      socket.on("close", (hadError) => {
        this.#sockets.delete(socket);
        this.#idle = this.#idle.filter((each) => each !== send);
        if (this.#isClosed) return;
        // A node may hang up on a connection that it found idle: CometBFT does after ten seconds.
        if (!hadError && !isBusy) {
          this.#connect(target).catch(this.#fail);
          return;
        }
        const error = new Error(`The connection to ${formatAuthority(target)} failed: ${why}`);
        reject(error);
        this.#fail(error);
      });
    });
  }

  #count(errors: number): void {
    const { batch } = this.#options;
    this.#inFlight -= batch;
    this.#refused += errors;
    this.#acknowledged += batch - errors;
  }
}

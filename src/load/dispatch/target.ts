import type { Endpoint } from "../../contracts/deployment.ts";
import { formatAuthority } from "../../core/address.ts";
import type { Clock } from "../../core/clock.ts";
import { systemCode } from "../../core/errors.ts";
import { type HttpPool, type HttpReply, type HttpRequest, openHttpPool } from "../../core/http.ts";

/** A target that is down is tried again by one request, so long after the last one that tried. */
const retryAfterMs = 1000;
/** Longest wait for a connection; half the request's time-out where that is less, so that the two can be told apart. */
const longestConnectMs = 5000;

/** Failures before there was a connection, by the node's doing or its network's: it cannot have the transaction. */
const unreachableCodes = new Set([
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** Likewise, by this machine's own doing: another node would be no easier to reach. */
const ownCodes = new Set(["EADDRNOTAVAIL", "EMFILE", "ENFILE"]);

/** What became of one request to one node. */
export type Attempt =
  | { readonly end: "replied"; readonly reply: HttpReply }
  | { readonly end: "timedOut" }
  /**
   * broken: the request may have reached the node. unreachable: it cannot, nobody took it. unsent: it cannot, this
   * machine had no connection to give.
   */
  | { readonly end: "broken" | "unreachable" | "unsent"; readonly code: string };

export interface TargetRequest {
  readonly rpc: Endpoint;
  readonly connections: number;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/** The way to one node, and whether it can be reached as far as is known. */
export class Target implements AsyncDisposable {
  readonly #pool: HttpPool;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** From the first request that could not reach it to the first one that it replies to. */
  #down = false;
  /** While it is down; Infinity while a request tries. */
  #retryAtMs = 0;

  constructor({ rpc, connections, requestTimeoutMs, clock }: TargetRequest) {
    const connectTimeoutMs = Math.min(longestConnectMs, requestTimeoutMs / 2);
    this.#pool = openHttpPool(`http://${formatAuthority(rpc)}`, { connections, connectTimeoutMs });
    this.#clock = clock;
    this.#timeoutMs = requestTimeoutMs;
  }

  /** It could not be reached, and did not reply to anything since. */
  get isDown(): boolean {
    return this.#down;
  }

  /** It is down, and the next request should find out whether it still is. */
  get isDueForRetry(): boolean {
    return this.#down && this.#clock.monotonicMs() >= this.#retryAtMs;
  }

  /** Sends one request, once. Does not reject. */
  async send(request: Omit<HttpRequest, "timeoutMs">): Promise<Attempt> {
    if (this.#down) this.#retryAtMs = Number.POSITIVE_INFINITY;
    try {
      const reply = await this.#pool.send({ ...request, timeoutMs: this.#timeoutMs });
      this.#down = false;
      return { end: "replied", reply };
    } catch (error) {
      const attempt = failedAttempt(error);
      if (attempt.end === "unreachable") this.#down = true;
      // What took the connection and gave no reply (a port forwarded to a dead node) is down as before.
      this.#retryAtMs = this.#clock.monotonicMs() + retryAfterMs;
      return attempt;
    }
  }

  /** Closes every connection at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#pool[Symbol.asyncDispose]());
  }
}

function failedAttempt(error: unknown): Attempt {
  if (error instanceof Error && error.name === "TimeoutError") return { end: "timedOut" };
  const code = systemCode(error) ?? libraryCode(error);
  if (unreachableCodes.has(code)) return { end: "unreachable", code };
  return { end: ownCodes.has(code) ? "unsent" : "broken", code };
}

/** The HTTP library's own code (UND_ERR_SOCKET), or the name of an error that has none. */
function libraryCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : error.name;
}

import { formatOrigin } from "../../core/address.ts";
import { type HttpReply, openHttpPool } from "../../core/http.ts";
import { sendFailure } from "./failure.ts";
import { encoderOf, type Transport, type TransportRequest, timedOut } from "./transport.ts";

/**
 * One request per transaction by the HTTP library, plainly: slow, and simple enough to be the reference that the other
 * transports are compared with.
 */
export function openUndiciTransport(request: TransportRequest): Transport {
  const { rpc, submission, connections, connectTimeoutMs, listener, clock } = request;
  const { requestTimeoutMs: timeoutMs } = request;
  const encode = encoderOf(request);
  const { method = "POST", ownPath, headers } = submission;
  const pool = openHttpPool(formatOrigin("http", rpc), { connections, connectTimeoutMs, tls: rpc.tls });
  let underWay = 0;
  let closed = false;

  const replied = ({ status, body }: HttpReply, sequence: number) => {
    const nowMs = clock.monotonicMs();
    const answer = submission.classify(status, body, sequence);
    if (answer.accepted) listener.acknowledged(sequence, nowMs);
    else listener.missed(sequence, { kind: "rejected", reason: answer.reason }, nowMs);
  };
  const failed = (error: unknown, sequence: number) => {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    listener.missed(sequence, isLate ? timedOut : sendFailure(error), clock.monotonicMs());
  };
  const ended = <T>(notify: (end: T, sequence: number) => void, sequence: number) => {
    return (end: T) => {
      if (closed) return;
      underWay--;
      notify(end, sequence);
    };
  };
  return {
    get underWay() {
      return underWay;
    },
    capacity: connections,
    send: (sequence) => {
      const transaction = encode(sequence);
      const path = ownPath?.of(transaction, sequence) ?? submission.path;
      const body = submission.body(transaction, sequence);
      underWay++;
      // Not a chain: an error of the listener's is no failure of the request.
      pool
        .send({ method, path, headers: { ...headers }, body, timeoutMs })
        .then(ended(replied, sequence), ended(failed, sequence));
    },
    turn: () => {},
    prepare: async () => [],
    close: () => {
      closed = true;
      void pool[Symbol.asyncDispose]();
    },
  };
}

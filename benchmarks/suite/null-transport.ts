/** A way to a node that is not there: every transaction is acknowledged soon after the turn that it was sent in. */
import type { OpenTransport, Transport, TransportRequest } from "../../src/load/transport/transport.ts";

/** Enough for all that the benchmarks have under way. */
const capacity = 2 ** 16;

/** Transactions that were acknowledged just now. */
export interface NullReplies {
  /** Of the node. */
  readonly port: number;
  readonly sequences: Float64Array;
  readonly nowMs: number;
}

export function nullTransport(onReplies: (replies: NullReplies) => void): OpenTransport {
  return ({ rpc, clock, listener }: TransportRequest): Transport => {
    let [waiting, leaving] = [new Float64Array(capacity), new Float64Array(capacity)];
    let [sent, left, isClosed] = [0, 0, false];
    const reply = () => {
      if (isClosed) return;
      const nowMs = clock.monotonicMs();
      const count = left;
      left = 0;
      for (let i = 0; i < count; i++) listener.acknowledged(leaving[i] as number, nowMs);
      onReplies({ port: rpc.port, sequences: leaving.subarray(0, count), nowMs });
    };
    return {
      get underWay() {
        return sent + left;
      },
      capacity,
      send: (sequence) => {
        waiting[sent++] = sequence;
      },
      turn: () => {
        if (sent === 0 || left > 0) return;
        [waiting, leaving, left, sent] = [leaving, waiting, sent, 0];
        setImmediate(reply);
      },
      prepare: async () => [],
      close: () => {
        isClosed = true;
      },
    };
  };
}

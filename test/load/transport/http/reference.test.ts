import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/core/clock.ts";
import { openHttpPool } from "../../../../src/core/http.ts";
import { requestWriter } from "../../../../src/load/transport/http/request-template.ts";
import type { OpenTransport } from "../../../../src/load/transport/transport.ts";
import { broadcastTxAsync } from "../../../../src/protocol/json-rpc.ts";
import { format } from "../../../stand-in/format.ts";
import { startNodes } from "../../setting.ts";
import { drive } from "./driving.ts";

/** One request after the other by the HTTP library: slow, and simple enough to be believed. */
const openPlain: OpenTransport = ({ rpc, submission, transactions, listener, ...request }) => {
  const { run, client, seed, transactionSizeBytes, connections, connectTimeoutMs } = request;
  const pool = openHttpPool(`http://${rpc.host}:${rpc.port}`, { connections, connectTimeoutMs });
  const { path, headers } = submission;
  let underWay = 0;
  const exchange = async (sequence: number) => {
    const transaction = transactions.encode({ run, client, sequence }, transactionSizeBytes, seed);
    const body = submission.body(transaction, sequence);
    const timeoutMs = request.requestTimeoutMs;
    return await pool.send({ method: "POST", path, headers: { ...headers }, body, timeoutMs });
  };
  return {
    get underWay() {
      return underWay;
    },
    capacity: connections,
    send: (sequence) => {
      underWay++;
      exchange(sequence).then(
        ({ status, body }) => {
          underWay--;
          const answer = submission.classify(status, body, sequence);
          if (answer.accepted) listener.acknowledged(sequence, systemClock.monotonicMs());
          else listener.rejected(sequence, answer.reason, systemClock.monotonicMs());
        },
        (error: Error) => {
          underWay--;
          if (error.name === "TimeoutError") listener.timedOut(sequence, systemClock.monotonicMs());
          else listener.failed(sequence, { kind: "broken", code: error.name }, systemClock.monotonicMs());
        },
      );
    },
    turn: () => {},
    prepare: async () => [],
    close: () => void pool[Symbol.asyncDispose](),
  };
};

test("each transaction ends as with the HTTP library, whatever the node does with it", async () => {
  const behaviour = {
    ...{ replyDelayMs: 2, commit: { kind: "after", ms: 0 } as const },
    ...{ rejectEvery: 10, hangUpEvery: 20, neverAnswerEvery: 50 },
  };
  const endings = async (changes: { open?: OpenTransport }) => {
    await using nodes = await startNodes([behaviour]);
    const rpc = nodes.targets[0]?.rpc;
    if (rpc === undefined) throw new Error("no node");
    const driven = await drive({ rpc, count: 200, connections: 8, requestTimeoutMs: 3000, ...changes });
    // Only what the failure is called is each one's own.
    return driven.endings.map((ending) => ending.replace(/^(broken): .*/, "$1"));
  };
  const [own, plain] = await Promise.all([endings({}), endings({ open: openPlain })]);
  expect(own).toEqual(plain);
  expect(new Set(own)).toEqual(
    new Set(["acknowledged", "rejected: code 7: refused by the script", "broken", "timedOut"]),
  );
});

test("a patched request is the very one that would be made anew", () => {
  const rpc = { host: "::1", port: 26_657 };
  const sequences = fc.array(fc.nat({ max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 18, max: 2000 }), sequences, (transactionSizeBytes, all) => {
      const parts = { rpc, transactions: format, submission: broadcastTxAsync };
      const writer = requestWriter({ ...parts, run: 9, client: 2, seed: 3, transactionSizeBytes });
      if (writer.template === undefined) throw new Error("there is a template");
      const { bytes, patch } = writer.template;
      const copy = Buffer.concat([bytes, bytes]);
      for (const sequence of all) {
        patch(copy, bytes.length, sequence);
        expect(copy.subarray(bytes.length).equals(writer.build(sequence))).toBe(true);
      }
      expect(copy.subarray(0, bytes.length).equals(bytes)).toBe(true);
      expect(writer.build(0).toString()).toMatch(/^POST \/ HTTP\/1\.1\r\nhost: \[::1\]:26657\r\n/);
    }),
  );
});

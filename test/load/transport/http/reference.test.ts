import fc from "fast-check";
import { expect, test } from "vitest";
import { requestWriter } from "../../../../src/load/transport/http/request-template.ts";
import type { OpenTransport } from "../../../../src/load/transport/transport.ts";
import { openUndiciTransport } from "../../../../src/load/transport/undici.ts";
import { broadcastTxAsync } from "../../../../src/protocol/rpc/json-rpc.ts";
import { format } from "../../../stand-in/format.ts";
import { startNodes } from "../../setting.ts";
import { drive } from "./driving.ts";

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
  const [own, plain] = await Promise.all([endings({}), endings({ open: openUndiciTransport })]);
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

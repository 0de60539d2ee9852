import type { Socket } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Submission } from "../../../../src/contracts/load/submission.ts";
import { requestHead } from "../../../../src/load/transport/http/http-transport.ts";
import { requestMaker } from "../../../../src/load/transport/pool/requests.ts";
import type { OpenTransport } from "../../../../src/load/transport/transport.ts";
import { openUndiciTransport } from "../../../../src/load/transport/undici.ts";
import { broadcastTxAsync } from "../../../../src/protocol/rpc/json-rpc.ts";
import { format } from "../../../stand-in/format.ts";
import { startNodes } from "../../setting.ts";
import { requestFor, withoutTemplate } from "../drive.ts";
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
    new Set(["acknowledged", "rejected: code 7: refused by the script", "broken", "timed out"]),
  );
});

/** What goes out on a connection for these transactions, whose places are used in turn. */
function written(sequences: readonly number[], submission: Submission, transactionSizeBytes: number): Buffer {
  const options = { kind: "http", port: 26_657, transactionSizeBytes, submission } as const;
  const request = {
    ...requestFor(options, () => {}),
    rpc: { host: "::1", port: 26_657 },
    transactions: format,
  };
  const head = (bytes: number, path: string) => requestHead(request, bytes, path);
  const requests = requestMaker(request, { open: "", separator: "", close: "", batchSize: 1, head })(3);
  const pieces: Buffer[] = [];
  const socket = {
    writableLength: 0,
    write: (bytes: Buffer) => pieces.push(Buffer.from(bytes)),
  };
  for (const sequence of sequences) {
    requests.put(sequence);
    requests.end();
    if (sequence % 2 === 0) requests.flush(socket as unknown as Socket);
  }
  requests.flush(socket as unknown as Socket);
  return Buffer.concat(pieces);
}

test("a patched request is the very one that would be made anew", () => {
  const sequences = fc.array(fc.nat({ max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 18, max: 2000 }), sequences, (transactionSizeBytes, all) => {
      const patched = written(all, broadcastTxAsync, transactionSizeBytes);
      expect(patched.equals(written(all, withoutTemplate(broadcastTxAsync), transactionSizeBytes))).toBe(
        true,
      );
      expect(patched.toString()).toMatch(/^POST \/ HTTP\/1\.1\r\nhost: \[::1\]:26657\r\n/);
    }),
  );
});

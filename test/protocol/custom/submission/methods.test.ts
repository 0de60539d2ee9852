import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { buildFormat } from "../../../../src/protocol/custom/submission/format.ts";
import { buildSubmission } from "../../../../src/protocol/custom/submission/submission.ts";
import { keyBytes } from "../../../../src/protocol/transactions/hex-key.ts";
import { drive, withoutTemplate } from "../../../load/transport/drive.ts";
import { described } from "./described.ts";

/** A service that writes down what it is sent. */
async function startService() {
  const came: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      if (request.method !== "GET") came.push(`${request.method} ${request.url} ${Buffer.concat(pieces)}`);
      response.end("thanks");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { came, port: (server.address() as AddressInfo).port };
}

const count = 100;
const toOnePath = '{"it":"${transaction}"}';

test.each([
  ["http", 1, true],
  ["http", 8, true],
  ["http", 1, false],
  ["undici", 1, false],
] as const)(
  "%s with %i in flight on a connection, template %s: transactions go by the method and to the path that are described",
  async (kind, inFlightPerConnection, fast) => {
    const ways = [
      described(toOnePath),
      described(toOnePath, { method: "PUT" }),
      described("${transaction.value}", { method: "PUT", path: "/kv/${transaction.key}" }),
    ];
    for (const [place, way] of ways.entries()) {
      const { came, port } = await startService();
      const transactions = buildFormat(way);
      const built = buildSubmission(way);
      const submission = fast ? built : withoutTemplate(built);
      const { counts } = await drive({ port, kind, inFlightPerConnection, count, transactions, submission });
      expect(counts).toEqual({ acknowledged: count });
      const wanted = Array.from({ length: count }, (_, sequence) => {
        const text = Buffer.from(transactions.encode({ run: 7, client: 1, sequence }, 64, 3)).toString();
        if (place === 2) return `PUT /kv/${text.slice(0, keyBytes)} ${text.slice(keyBytes)}`;
        return `${place === 0 ? "POST" : "PUT"} /submit {"it":"${text}"}`;
      });
      expect(came.sort()).toEqual(wanted.sort());
    }
  },
);

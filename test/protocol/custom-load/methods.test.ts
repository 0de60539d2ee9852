import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { buildFormat } from "../../../src/protocol/custom/format.ts";
import { buildSubmission } from "../../../src/protocol/custom/submission.ts";
import { drive, withoutTemplate } from "../../load/transport/drive.ts";
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

const side = (method: "POST" | "PUT") => described('{"it":"${transaction}"}', { method });

test.each([
  ["http", 1, true],
  ["http", 8, true],
  ["http", 1, false],
  ["undici", 1, false],
] as const)(
  "%s with %i in flight on a connection, template %s: PUT goes as it is described",
  async (kind, inFlightPerConnection, fast) => {
    for (const method of ["PUT", "POST"] as const) {
      const { came, port } = await startService();
      const transactions = buildFormat(side(method));
      const submission = buildSubmission(side(method));
      const { counts } = await drive({
        port,
        kind,
        inFlightPerConnection,
        count: 100,
        transactions,
        submission: fast ? submission : withoutTemplate(submission),
      });
      expect(counts).toEqual({ acknowledged: 100 });
      const wanted = Array.from({ length: 100 }, (_, sequence) => {
        const transaction = transactions.encode({ run: 7, client: 1, sequence }, 64, 3);
        return `${method} /submit {"it":"${Buffer.from(transaction)}"}`;
      });
      expect(came.sort()).toEqual(wanted.sort());
    }
  },
);

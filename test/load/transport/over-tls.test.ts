import { describe, expect, test } from "vitest";
import { type Certified, makeAuthority } from "../../support/certificates.ts";
import { startBatchServer } from "./batch/server.ts";
import { drive } from "./drive.ts";
import { accepted, idOf } from "./replies.ts";
import { frame, startScripted } from "./websocket/server.ts";

const authority = makeAuthority();
const here = "127.0.0.1";

const startWebSocket = (certified: Certified) =>
  startScripted({ certified, message: (text, { socket }) => socket.write(frame(accepted(idOf(text)))) });
const startBatches = (certified: Certified) =>
  startBatchServer(
    ({ bodies, reply }) => reply(`[${bodies.map(({ id }) => accepted(id)).join(",")}]`),
    certified,
  );

describe.each([
  ["websocket", startWebSocket],
  ["http-batch", startBatches],
] as const)("%s over TLS", (kind, start) => {
  const own = { kind, batchSize: kind === "http-batch" ? 6 : 1 };

  test.each([
    [1, 128],
    [8, 128],
    [3, 60_000],
  ])("%i under way on a connection, %i bytes", async (inFlightPerConnection, transactionSizeBytes) => {
    await using server = await start(authority.certify([here]));
    const options = { ...own, inFlightPerConnection, transactionSizeBytes, requestTimeoutMs: 20_000 };
    const tls = { ca: [authority.cert] };
    const { counts } = await drive({ port: server.port, tls, count: 200, ...options });
    expect(counts).toEqual({ acknowledged: 200 });
  });

  test.each([
    [
      "another host's certificate",
      authority.certify(["node1.test"]),
      [authority.cert],
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    ["one of an unknown authority", authority.certify([here]), [], "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("%s gets nothing", async (_, certified, ca, code) => {
    await using server = await start(certified);
    const { counts } = await drive({ port: server.port, tls: { ca }, count: 3, ...own });
    expect(counts).toEqual({ [`unreachable: ${code}`]: 3 });
  });
});

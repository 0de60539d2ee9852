import { createServer } from "node:tls";
import { describe, expect, test } from "vitest";
import { sendHttp } from "../../../../src/core/http.ts";
import type { TlsSettings } from "../../../../src/core/tls.ts";
import { type Certified, makeAuthority } from "../../../support/certificates.ts";
import { counts, drive } from "./driving.ts";
import { type Deed, startScripted } from "./scripted-server.ts";

const authority = makeAuthority();
const here = "127.0.0.1";
const trusting: TlsSettings = { ca: [authority.cert] };
const proper: Deed = { kind: "answer", form: "plain", cuts: [60, 150] };

const serve = (certified: Certified) =>
  startScripted(
    () => proper,
    (connection) => createServer({ ...certified, noDelay: true }, connection),
  );

test.each([
  [1, 1, 128],
  [2, 16, 128],
  [2, 4, 100_000],
])(
  "%i connections with %i requests under way on each, %i bytes",
  async (connections, inFlightPerConnection, transactionSizeBytes) => {
    await using server = await serve(authority.certify([here]));
    const rpc = { host: here, port: server.port, tls: trusting };
    const options = { connections, inFlightPerConnection, transactionSizeBytes };
    const { endings, notes } = await drive({ rpc, count: 200, ...options });
    expect(counts(endings)).toEqual({ acknowledged: 200 });
    expect(notes).toEqual([]);
  },
);

test("a name can be asked for that is not the address", async () => {
  await using server = await serve(authority.certify(["node0.test"]));
  const rpc = { host: here, port: server.port, tls: { ...trusting, serverName: "node0.test" } };
  const { endings } = await drive({ rpc, count: 5 });
  expect(counts(endings)).toEqual({ acknowledged: 5 });
});

describe("what is not verified gets nothing", () => {
  test.each([
    [
      "another host's certificate",
      authority.certify(["node1.test"]),
      trusting,
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    ["one that has expired", authority.certify([here], { isExpired: true }), trusting, "CERT_HAS_EXPIRED"],
    ["one of an unknown authority", authority.certify([here]), {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("%s", async (_, certified, tls, code) => {
    await using server = await serve(certified);
    const rpc = { host: here, port: server.port, tls };
    const { endings } = await drive({ rpc, count: 3, requestTimeoutMs: 5000 });
    expect(counts(endings)).toEqual({ [`unreachable: ${code}`]: 3 });
    expect(server.received).toEqual([]);
    const asked = sendHttp(`https://${here}:${server.port}`, {
      method: "GET",
      path: "/",
      timeoutMs: 5000,
      tls,
    });
    await expect(asked).rejects.toMatchObject({ code });
  });

  test("nor what does not speak TLS at all", async () => {
    await using server = await startScripted(() => proper);
    const rpc = { host: here, port: server.port, tls: trusting };
    const { endings } = await drive({ rpc, count: 1, requestTimeoutMs: 400 });
    expect(endings).toEqual(["unreachable: CONNECT_TIMEOUT"]);
  });
});

test("the control plane verifies by the same terms", async () => {
  await using server = await serve(authority.certify([here]));
  const origin = `https://${here}:${server.port}`;
  const reply = await sendHttp(origin, { method: "GET", path: "/", timeoutMs: 5000, tls: trusting });
  expect(reply).toEqual({ status: 200, body: "{}" });
});

import { expect, test } from "vitest";
import { makeAuthority } from "../support/certificates.ts";
import { planFor, run, startNodes } from "./setting.ts";
import { startTlsRelay } from "./tls-relay.ts";

test("a client sends, and sees commits, over TLS", async () => {
  const authority = makeAuthority();
  await using nodes = await startNodes([{ replyDelayMs: 0, commit: { kind: "after", ms: 0 } }]);
  const port = nodes.targets[0]?.rpc.port;
  if (port === undefined) throw new Error("no node");
  await using relay = await startTlsRelay({ port }, authority.certify(["127.0.0.1"]));
  const rpc = { host: "127.0.0.1", port: relay.port, tls: { ca: [authority.cert] } };
  // Handshakes take long on a busy machine.
  const patience = { drainMs: 20_000, requestTimeoutMs: 20_000, maxInFlight: 8 };
  const window = { warmUpMs: 100, windowMs: 400, windowTransactions: 80 };
  const plan = planFor([{ node: "node0", rpc }], { ...window, ...patience });
  const { report } = await run(plan);
  expect(report.ledger).toMatchObject({
    scheduled: 80,
    sent: { acknowledged: { committed: 80, notSeen: 0 } },
  });
});

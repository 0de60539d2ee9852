import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { buildProbe } from "../../../src/protocol/custom/probe.ts";
import type { CustomFile } from "../../../src/protocol/custom/schema/schema.ts";

const health: CustomFile["health"] = {
  path: "/health",
  healthy: { equals: { "/ok": true }, reason: "/why" },
};

async function probed(reply: { status: number; body: string }, description: CustomFile["health"]) {
  const server = createServer((_, response) => {
    response.writeHead(reply.status);
    response.end(reply.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const options = { timeoutMs: 5000, signal: new AbortController().signal };
    return await buildProbe(description)({ host: "127.0.0.1", port }, options);
  } finally {
    server.close();
  }
}

describe("a node's health", () => {
  test("tells what the description finds in it, and no more", async () => {
    const body = JSON.stringify({ ok: true, at: { height: "12" }, peers: [1, 2], behind: true });
    expect(await probed({ status: 200, body }, health)).toEqual({
      height: undefined,
      peers: undefined,
      catchingUp: false,
    });
    const places = { height: "/at/height", peers: "/peers", "catching-up": "/behind" };
    expect(await probed({ status: 200, body }, { ...health, ...places })).toEqual({
      height: 12,
      peers: 2,
      catchingUp: true,
    });
  });

  test.each([
    [{ status: 503, body: '{"why":"no leader"}' }, /health reports an unhealthy node: HTTP 503: no leader/],
    [{ status: 200, body: '{"ok":false}' }, /\/ok is false, not true/],
    [{ status: 200, body: '{"ok":true}' }, /no number of height at \/height/],
    [{ status: 200, body: "fine" }, /reply is not JSON: fine/],
  ])("%j is none", async (reply, reason) => {
    await expect(probed(reply, { ...health, height: "/height" })).rejects.toThrow(reason);
  });
});

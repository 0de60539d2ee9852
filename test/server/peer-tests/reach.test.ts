/** Who reaches the tests over HTTP: pages of clients, programs with and without a token, and nobody else. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { metricsOf } from "./sample-metrics.ts";
import { ask, serveTests } from "./served-tests.ts";

const token = "a-token-of-some-length";
const page = "http://localhost:7654";
const clientOrigins = [page];
const preflight = {
  origin: page,
  "access-control-request-method": "PUT",
  "access-control-request-headers": "content-type",
};

test("pages of the allowed origin may do all that clients do; browsers are told so first", async () => {
  await using server = await serveTests({ clientOrigins });
  const asked = await server.options("/test/t/peer/a/metrics", undefined, preflight);
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    "access-control-allow-origin": page,
    "access-control-allow-methods": expect.stringContaining("PUT"),
    "access-control-allow-headers": expect.stringContaining("content-type"),
    vary: "origin",
  });
  const from = { origin: page };
  const answers = [
    await server.post("/test/t", { started: true }, from),
    await server.put("/test/t/peer/a/metrics", metricsOf(1), from),
    await server.get("/test/t", undefined, from),
    await server.get("/status", undefined, from),
    await server.put("/test/t/finish", undefined, from),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const refused = await server.get("/test/none", undefined, from);
  expect(refused.status).toBe(404);
  for (const { headers } of [...answers, refused]) {
    expect(headers.get("access-control-allow-origin")).toBe(page);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  }
});

test("other pages can neither read nor create tests, and pages of clients reach nothing else", async () => {
  await using server = await serveTests({ clientOrigins });
  const evil = { origin: "http://evil.example" };
  const simple = { ...evil, "content-type": "text/plain" };
  const answers = [
    await server.options("/test/t", undefined, { ...preflight, ...evil }),
    await server.post("/test/t", undefined, evil),
    await server.post("/test/t", "{}", simple),
    await server.post("/test", "{}", { ...simple, origin: "null" }),
    await server.get("/test/t", undefined, evil),
    await server.get("/api/bundles", undefined, { origin: page }),
    await server.get("/", undefined, { origin: page }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403]);
  for (const { headers } of answers) expect(headers.get("access-control-allow-origin")).toBeNull();
  expect((await server.options("/api/bundles", undefined, preflight)).status).toBe(405);
  // Also a page of a client must send JSON as what it is, so that its browser asks first.
  const text = await server.post("/test/t", "{}", { origin: page, "content-type": "text/plain" });
  expect([text.status, text.json.error]).toEqual([415, expect.stringContaining("application/json")]);
  expect(existsSync(server.folder)).toBe(false);
});

test("with a token, its address is all that a client needs: no redirect, no cookie", async () => {
  await using server = await serveTests({ token, clientOrigins });
  expect(server.clientUrl).toBe(`${server.origin}/token/${token}`);
  const created = await server.post("/test/t", { started: true });
  expect([created.status, created.headers.get("set-cookie")]).toEqual([200, null]);
  expect((await server.put("/test/t/peer/a/metrics", metricsOf(1), { origin: page })).status).toBe(200);
  expect((await server.get("/test/t?dataPoints=true")).json.dataPoints).toHaveLength(1);
  const bare = `${server.origin}/test/t`;
  expect((await ask(`${bare}?token=${token}`, "GET")).json.id).toBe("t");
  expect((await ask(bare, "GET", undefined, { authorization: `Bearer ${token}` })).json.id).toBe("t");
  for (const url of [bare, `${bare}?token=${token}x`, `${server.origin}/token/${token}x/test/t`]) {
    const { status, json } = await ask(url, "GET", undefined, { origin: page });
    expect([url, status]).toEqual([url, 401]);
    expect(JSON.stringify(json)).not.toContain(token);
  }
  // That address opens nothing but tests.
  expect((await ask(`${server.clientUrl}/api/bundles`, "GET")).status).toBe(401);
  expect((await ask(`${server.origin}/test/t`, "OPTIONS", undefined, preflight)).status).toBe(204);
});

test("a dashboard without tests refuses all of it as before", async () => {
  await using server = await serveTests({ peerTests: undefined, clientOrigins });
  expect((await server.post("/test/t")).status).toBe(405);
  expect((await server.get("/test/t")).status).toBe(404);
  expect((await server.get("/status")).status).toBe(404);
  expect((await server.get("/test/t", undefined, { origin: page })).status).toBe(403);
});

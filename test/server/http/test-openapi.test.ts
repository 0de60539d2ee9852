/** The OpenAPI document says what the server does: its schemas hold what is sent, and all its references lead somewhere. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { refusals } from "../../../src/contracts/peer-tests/api.ts";
import { metricsOf } from "../peer-tests/sample-metrics.ts";
import { serveTests } from "../peer-tests/served-tests.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of another one's form
type Document = any;

async function open() {
  const server = await serveTests();
  const { json: document } = await server.get("/test-api.json");
  const ajv = new Ajv2020({ strictTypes: false }).addVocabulary([
    "openapi",
    "info",
    "paths",
    "components",
    "security",
  ]);
  ajv.addSchema(document, "http://baleen.test/openapi");
  const expectOf = (name: string, json: unknown) => {
    const check = ajv.getSchema(`http://baleen.test/openapi#/components/schemas/${name}`);
    if (check === undefined) throw new Error(`no schema ${name}`);
    expect(check(json), `${name}: ${JSON.stringify(check.errors)}`).toBe(true);
    return check;
  };
  return { ...server, document: document as Document, expectOf };
}

test("it has every operation, with its parameters, body and replies", async () => {
  await using server = await open();
  const { document } = server;
  expect(document).toMatchObject({ openapi: "3.1.1", info: { title: expect.any(String), version: "1.2.3" } });
  const operations = Object.entries<Document>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Document>(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(operations.map(({ path, method }) => `${method} ${path}`).toSorted()).toEqual([
    "get /status",
    "get /test/{testId}",
    "get /test/{testId}/peers",
    "post /test",
    "post /test/{testId}",
    "put /test/{testId}/finish",
    "put /test/{testId}/peer/{peerId}/metrics",
    "put /test/{testId}/peer/{peerId}/results",
    "put /test/{testId}/start",
    "put /test/{testId}/topology",
  ]);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations) {
    const inPath = operation.parameters.filter((one: Document) => one.in === "path");
    expect(inPath.map(({ name }: Document) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(inPath.every(({ required }: Document) => required === true)).toBe(true);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["200", "default"]));
    for (const reply of Object.values<Document>(operation.responses)) expect(reply.description).not.toBe("");
  }
});

test("every reference leads to a schema, and every schema is referred to", async () => {
  await using server = await open();
  const text = JSON.stringify(server.document);
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
  );
  expect(text.match(/"\$ref"/g)?.length).toBe(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\//g)].length,
  );
  expect([...referred].toSorted()).toEqual(Object.keys(server.document.components.schemas).toSorted());
});

test("what is sent and replied is of its schemas", async () => {
  await using server = await open();
  const { expectOf } = server;
  expectOf("server-status", (await server.get("/status")).json);
  expectOf("new-test", { started: true });
  expectOf("test-status", (await server.post("/test/t", { started: true })).json);
  const metrics = metricsOf(1, { extra: { busyness: 0.5 } });
  const isMetrics = expectOf("metrics", metrics);
  expect(isMetrics({ ...metrics, sent: -1 })).toBe(false);
  expect(isMetrics({ ...metrics, unknown: 1 })).toBe(false);
  expect(isMetrics({ ...metrics, position: [1, 2] })).toBe(false);
  expectOf("data-point", (await server.put("/test/t/peer/a/metrics", metrics)).json);
  const { json: lastPoints } = await server.get("/test/t/peers");
  expectOf("last-points", lastPoints);
  expect(lastPoints).toHaveLength(1);
  expectOf("peer-results", (await server.put("/test/t/peer/a/results", { lost: 1 })).json);
  expectOf("test-status", (await server.put("/test/t/topology", [])).json);
  const refusal = (await server.put("/test/t/peer/a/metrics", { sent: 1 })).json;
  const isRefusal = expectOf("refusal", refusal);
  for (const status of refusals) expect(isRefusal({ status, error: "x" })).toBe(true);
  expectOf(
    "access-refusal",
    (await server.get("/test/t", undefined, { origin: "http://evil.example" })).json,
  );
  expectOf("test-results", (await server.put("/test/t/finish")).json);
});

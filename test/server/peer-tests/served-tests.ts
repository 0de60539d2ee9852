/** A server of tests of peers on a free port, and requests to it. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { type ServerOptions, startServer } from "../../../src/server/http/server.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests name what they expect
  readonly json: any;
  readonly headers: Headers;
}

/** @param body sent as JSON; a text as it is */
export async function ask(
  url: string,
  method: string,
  body?: unknown,
  headers: object = {},
): Promise<Answer> {
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const reply = await fetch(url, {
    method,
    headers: { ...type, ...headers } as Record<string, string>,
    ...(body === undefined ? {} : { body: content }),
  });
  const text = await reply.text();
  const isJson = /^application\/json/.test(reply.headers.get("content-type") ?? "");
  return { status: reply.status, json: isJson ? JSON.parse(text) : text, headers: reply.headers };
}

export async function serveTests(options: Partial<ServerOptions> = {}) {
  const folder = await openTemporaryFolder();
  const tests = join(folder.path, "peer-performance-tests");
  const base = { outputDir: folder.path, port: 0, listen: "127.0.0.1", version: "1.2.3" };
  const server = await startServer({ ...base, peerTests: { folder: tests }, ...options });
  const { origin } = new URL(server.clientUrl);
  const to =
    (method: string) =>
    (path: string, body?: unknown, headers: object = {}) =>
      ask(`${server.clientUrl}${path}`, method, body, headers);
  return {
    ...{ folder: tests, origin, url: server.url, clientUrl: server.clientUrl },
    ...{ get: to("GET"), post: to("POST"), put: to("PUT"), options: to("OPTIONS") },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Expects a refusal, and gives what it says to people. */
export function expectRefused({ status, json }: Answer, expected: number, word: string): string {
  expect([status, json.status]).toEqual([expected, word]);
  expect(json.error).toMatch(/\.$/);
  return json.error;
}

/** Files in a folder of tests, without the lock of its server. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name !== ".lock").sort();
}

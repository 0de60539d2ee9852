import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseCustomProtocol } from "../../../src/protocol/custom/custom.ts";

const path = fileURLToPath(new URL("../../../examples/libp2p/libp2p.yaml", import.meta.url));
const text = await readFile(path, "utf8");
const events = "  events: { from: log }\n";
const status = text.split("\n").find((line) => line.startsWith("  status:"));

const withEvents = (other: string, changed = text) =>
  parseCustomProtocol(
    changed.replace(events, () => `  events: ${other}\n`),
    {
      file: "libp2p.yaml",
      folder: dirname(path),
      findProgram: () => "/bin/true",
    },
  );
const diagnostics = (other: string, changed?: string) =>
  withEvents(other, changed).diagnostics.map(({ message }) => message);

test.each([
  ["{ from: log }", { from: "log" }],
  [
    '{ from: http, port: rpc, path: "/events?from=${cursor}" }',
    { from: "http", plane: "rpc", path: "/events?from=${cursor}" },
  ],
  [
    '{ from: http, port: rpc, via: any, path: "/events?of=${node}&from=${cursor}" }',
    { from: "http", plane: "rpc", via: "any", path: "/events?of=${node}&from=${cursor}" },
  ],
  [
    '{ from: sink, url: "http://127.0.0.1:9904", stream: /stream }',
    { from: "sink", origin: "http://127.0.0.1:9904", stream: "/stream" },
  ],
])("events are read from %s", (given, expected) => {
  expect(text).toContain(events);
  const { protocol, diagnostics: found } = withEvents(given);
  expect(found).toEqual([]);
  expect(protocol?.messages?.({}).events).toEqual(expected);
});

test.each([
  [
    '{ from: http, port: rpc, path: "/events" }',
    /path: does not contain \$\{cursor\}, the byte to begin with/,
  ],
  ['{ from: http, port: rpc, path: "/events?of=${node}&from=${cursor}" }', /\$\{node\}/],
  [
    '{ from: http, port: rpc, via: any, path: "/events?from=${cursor}" }',
    /path: does not contain \$\{node\}, so nobody would know whose events are meant/,
  ],
  ['{ from: sink, url: "ftp://127.0.0.1", stream: /stream }', /url/],
])("%s is refused with its line", (given, message) => {
  expect(diagnostics(given)).toEqual([expect.stringMatching(message)]);
  expect(diagnostics(given)[0]).toMatch(/^libp2p\.yaml:\d+: /);
});

test("a sink without a status is refused: nobody would know the names of the streams", () => {
  const without = text.replace(`${status}\n`, "");
  expect(diagnostics('{ from: sink, url: "http://127.0.0.1:9904", stream: /stream }', without)).toEqual([
    expect.stringMatching(/status: is missing, and with it the names of the nodes' streams at the sink/),
  ]);
});

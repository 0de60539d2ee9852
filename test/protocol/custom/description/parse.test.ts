import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { formatJson } from "../../../../src/core/documents/numbers.ts";
import { buildCustomProtocol, parseCustomProtocol } from "../../../../src/protocol/custom/custom.ts";
import { customFileSchema } from "../../../../src/protocol/custom/schema/schema.ts";
import { openTemporaryFolder } from "../../../support/temporary-folder.ts";

const base = `name: small
nodes:
  - role: member
    program: { binary: small }
    ports: { rpc: any, peer: any }
    command: ["\${node.listen.rpc}"]
health:
  path: /health
transaction:
  path: /put
  body: "\${transaction}"
`;

function diagnosticsOf(text: string): string[] {
  return parseCustomProtocol(text, { file: "small.yaml", folder: "/nowhere" }).diagnostics.map(
    ({ message }) => message,
  );
}

/** The base with one text in another's place. */
function changed(from: string, to: string): string {
  expect(base).toContain(from);
  return base.replace(from, () => to);
}

test("schema/protocol.schema.json is made of the schema that files are held to", async () => {
  // After a change of the schema: vitest run test/protocol/custom/description/parse.test.ts --update
  const title = "A system under test for baleen";
  const text = formatJson({ title, ...z.toJSONSchema(customFileSchema(), { io: "input" }) });
  await expect(text).toMatchFileSnapshot("../../../../schema/protocol.schema.json");
});

describe.each([
  "etcd/etcd",
  "http-service/http-service",
  "bootstrap/bootstrap",
  "native/native",
  "ring/ring",
])("examples/%s.yaml", (name) => {
  const path = fileURLToPath(new URL(`../../../../examples/${name}.yaml`, import.meta.url));

  test("has no faults, and its definition makes the same adapter without the file", async () => {
    const text = await readFile(path, "utf8");
    const { protocol, diagnostics } = parseCustomProtocol(text, { file: path, folder: dirname(path) });
    expect(diagnostics).toEqual([]);
    const definition: unknown = JSON.parse(JSON.stringify(protocol?.definition));
    const again = buildCustomProtocol(definition).protocol;
    expect(again?.definition).toEqual(protocol?.definition);
    expect(JSON.stringify(again)).toBe(JSON.stringify(protocol));
  });
});

test("a short description has every default", () => {
  const { protocol, diagnostics } = parseCustomProtocol(base, { file: "small.yaml", folder: "/nowhere" });
  expect(diagnostics).toEqual([]);
  expect(protocol).toMatchObject({ name: "small", title: "small", options: [] });
  expect(protocol?.toleratedFaults(4)).toBe(0);
  expect(protocol).not.toHaveProperty("observeCommits");
  expect(protocol).not.toHaveProperty("metrics");
});

describe("a fault is told with its line and a remedy", () => {
  test.each([
    [
      "a misspelt key",
      "ports:",
      "prots:",
      [
        /:3: nodes: ports is missing/,
        /:5: prots: no such key\. Did you mean ports\?/,
        /:6: unknown variable/,
      ],
    ],
    ["a wrong kind", "role: member", "role: 3", [/:3: role: must be text/]],
    [
      "an unknown variable",
      "${node.listen.rpc}",
      "${node.lisen.rpc}",
      [/:6: unknown variable \$\{node\.lisen\.rpc\}\. Did you mean node\.listen\.rpc\?/],
    ],
    [
      "a port that the group has not",
      "${node.listen.rpc}",
      "${node.metrics}",
      [/:6: unknown variable \$\{node\.metrics\}/],
    ],
    ["an open brace", "${node.listen.rpc}", "${node.listen.rpc", [/:6: a variable is not closed/]],
    [
      "two planes on one port",
      "rpc: any, peer: any",
      "rpc: 4000, peer: 4000",
      [/:5: peer: port 4000 is already that of rpc/],
    ],
    [
      "a committee without rpc",
      "rpc: any, peer: any",
      "peer: any",
      [/:6: unknown variable/, /:5: ports: the committee needs rpc/],
    ],
    [
      "an entrypoint of no image",
      "binary: small",
      "binary: small, entrypoint: [/small]",
      [/:4: entrypoint: is for an image/],
    ],
    ["no program", "binary: small", "remedy: Make it.", [/:4: program: name its binary, its image, or both/]],
    [
      "no such pointer",
      "path: /health",
      "path: /health\n  height: height",
      [/:9: height: must be: a JSON Pointer/],
    ],
    ["a pointer with a lone ~", "path: /health", "path: /health\n  height: /a~", [/:9: height: must be/]],
    ["a pointer with ~2", "path: /health", "path: /health\n  height: /a~2b", [/:9: height: must be/]],
    [
      "a path with what could end it",
      "path: /put",
      'path: "/put/${transaction.key.base64}"',
      [/:10: unknown variable \$\{transaction\.key\.base64\}/],
    ],
    [
      "variables where there are none",
      "path: /health",
      'path: "/health/${node.name}"',
      [/:8: unknown variable \$\{node\.name\}\. No variable is allowed here/],
    ],
    [
      "a body that is no transaction",
      '"${transaction}"',
      '"${transaction.key}"',
      [/:11: transaction: its path and body contain neither/],
    ],
    [
      "a transaction without a body",
      '  body: "${transaction}"\n',
      "",
      [/:9: transaction: body or json is missing/],
    ],
    [
      "two bodies",
      'body: "${transaction}"',
      'body: "${transaction}"\n  json: {}',
      [/:12: give body or json, not both/],
    ],
    [
      "a role that variables begin with",
      "role: member",
      "role: node",
      [/:3: role: node is a prefix of other variables/],
    ],
  ])("%s", (_, from, to, expected) => {
    const diagnostics = diagnosticsOf(changed(from, to));
    expect(diagnostics).toHaveLength(expected.length);
    for (const [place, pattern] of expected.entries()) expect(diagnostics[place]).toMatch(pattern);
    for (const diagnostic of diagnostics) expect(diagnostic).toMatch(/^small\.yaml:\d+: .*[.?]$/s);
  });

  test.each([
    [
      "a second committee",
      "- role: second\n    program: { image: x }\n    ports: { rpc: any }",
      /:7: a second group has no count/,
    ],
    [
      "a role twice",
      "- role: member\n    count: 1\n    program: { image: x }\n    ports: { rpc: any }",
      /:7: role: another group is already called member/,
    ],
    [
      "a role that nobody has",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    start-after: [membr]",
      /:11: no group has the role membr\. Did you mean member\?/,
    ],
    [
      "a bad pattern",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    exports: { id: { from: log, pattern: 'a(' } }",
      /:11: pattern: Invalid regular expression/,
    ],
    [
      "a pattern without a group",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    exports: { id: { from: log, pattern: a } }",
      /:11: pattern: has no group/,
    ],
    [
      "an export from a port that is not there",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    exports: { id: { from: http, port: metrics, path: /id, pointer: /id } }",
      /:11: port: the group has no port metrics/,
    ],
    [
      "an export with a name that nodes have",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    exports: { name: { from: log, pattern: (a) } }",
      /:11: name: each node already has a variable of this name/,
    ],
    [
      "an export of no kind",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    exports: { id: { from: lgo, pattern: (a) } }",
      /:11: id: from must be one of log, http/,
    ],
    [
      "a file out of the home",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    files: [{ path: ../x, content: '' }]",
      /:11: path: \.\.\/x leads out of the node's home/,
    ],
    [
      "a file twice",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    files:\n      - { path: x, content: '' }\n      - { path: x, content: '' }",
      /:13: path: x is used twice/,
    ],
    [
      "a port of one node that another port of its group comes to",
      "- role: second\n    count: 4\n    program: { image: x }\n    ports: { peer: { base: 1500 }, metrics: { base: 1503 } }",
      /:10: metrics: port 1503 is already that of peer/,
    ],
    [
      "ports beyond the last one",
      "- role: second\n    count: 4\n    program: { image: x }\n    ports: { peer: { base: 65533 } }",
      /:10: peer: the last of 4 nodes would get port 65536, above 65535/,
    ],
    [
      "a base that is no port",
      "- role: second\n    count: 4\n    program: { image: x }\n    ports: { peer: { base: 0 } }",
      /:10: peer: must be: any, the number of the port/,
    ],
    [
      "a list of values that is too short",
      "- role: second\n    count: 3\n    program: { image: x }\n    ports: {}\n    values: { zone: [eu, us] }",
      /:11: zone: has 2 items for 3 nodes/,
    ],
    [
      "a value that is the same for all",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    values: { zone: eu }",
      /:11: zone: is the same for all nodes; write \{index\}/,
    ],
    [
      "a value with a name that nodes have",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    values: { number: '{index}' }",
      /:11: number: each node already has a variable of this name/,
    ],
    [
      "a value with the name of an export",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    values: { id: '{index}' }\n    exports: { id: { from: log, pattern: (a) } }",
      /:11: id: each node already has a variable of this name/,
    ],
    [
      "a file of nothing",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    files: [{ path: x }]",
      /:11: give one of content, template and copy/,
    ],
    [
      "a file that is not there",
      "- role: second\n    count: 1\n    program: { image: x }\n    ports: {}\n    files: [{ path: x, copy: y }]",
      /:11: copy: y cannot be read: ENOENT/,
    ],
  ])("%s", (_, group, expected) => {
    const diagnostics = diagnosticsOf(changed("health:\n", `  ${group}\nhealth:\n`));
    expect(diagnostics).toEqual([expect.stringMatching(expected)]);
  });

  test("groups that wait for one another", () => {
    const group = (role: string, other: string) =>
      `  - role: ${role}\n    count: 1\n    program: { image: x }\n    ports: { peer: any }\n    command: ["\${${other}.id}"]\n    exports: { id: { from: log, pattern: (a) } }\n`;
    const text = changed("health:\n", `${group("one", "two")}${group("two", "one")}health:\n`);
    expect(diagnosticsOf(text)).toEqual([
      expect.stringMatching(/one starts after two starts after one: a cycle/),
    ]);
  });

  test("options", () => {
    const options = [
      "low: { meaning: m, default: 1, from: 2, to: 3 }",
      "high: { meaning: m, default: 4, from: 2, to: 3 }",
      "none: { meaning: m, default: a, choices: [b, c] }",
      "kind: { meaning: m, default: a, from: 1 }",
      "text: { meaning: m, default: 1, choices: [a] }",
      "Bad: { meaning: m, default: 1 }",
      "far: { meaning: m, default: 2, remote-default: 4, from: 2, to: 3 }",
      "mixed: { meaning: m, default: 2, remote-default: a }",
      'lines: { meaning: m, default: "a\\nb" }',
    ];
    expect(diagnosticsOf(`${base}options:\n${options.map((line) => `  ${line}\n`).join("")}`)).toEqual([
      expect.stringMatching(/:18: Bad: this key must be: lower case letters/),
      expect.stringMatching(/:21: default: must be: a number, or a line of text/),
      expect.stringMatching(/:13: low: its default, 1, is below 2/),
      expect.stringMatching(/:14: high: its default, 4, is above 3/),
      expect.stringMatching(/:15: none: its default, a, is not one of its choices/),
      expect.stringMatching(/:16: kind: from and to are for numbers/),
      expect.stringMatching(/:17: text: choices are for text;/),
      expect.stringMatching(/:19: far: its remote-default, 4, is above 3/),
      expect.stringMatching(/:20: mixed: its remote-default has a different type/),
    ]);
  });

  test("commits and metrics", () => {
    const committed = "items: /i, transaction: /t, position: { item: /p }";
    const start = "start: { path: /s, position: /p }";
    expect(diagnosticsOf(`${base}commits: { by: polling, path: /c, ${committed}, ${start} }\n`)).toEqual([
      expect.stringMatching(/:12: commits: the request does not contain \$\{cursor\}/),
    ]);
    expect(
      diagnosticsOf(`${base}commits: { by: websocket, path: /c, subscribe: "\${cursor}", ${committed} }\n`),
    ).toEqual([expect.stringMatching(/:12: commits: start is missing/)]);
    expect(
      diagnosticsOf(
        `${base}commits: { by: websocket, path: /c, subscribe: {a: "\${id}"}, ${committed}, ${start} }\n`,
      ),
    ).toEqual([
      expect.stringMatching(/:12: start: is for subscriptions with \$\{cursor\}/),
      expect.stringMatching(/:12: unknown variable \$\{id\}\. Known variables: cursor/),
    ]);
    expect(diagnosticsOf(`${base}commits: { by: guessing }\n`)).toEqual([
      expect.stringMatching(/:12: commits: by must be one of polling, websocket/),
    ]);
    expect(diagnosticsOf(`${base}metrics: { port: metrics, keep: [a_*] }\n`)).toEqual([
      expect.stringMatching(/:12: port: the committee has no port metrics/),
    ]);
  });

  test("several at once, in the order of kinds", () => {
    const text = changed("${node.listen.rpc}", "${nod.rpc}")
      .replace("name: small", "name: Small")
      .concat("extra: 1\n");
    expect(diagnosticsOf(text)).toEqual([
      expect.stringMatching(/^small\.yaml:12: extra: no such key/),
      expect.stringMatching(/^small\.yaml:1: name: must be: lower case letters/),
      expect.stringMatching(/^small\.yaml:6: unknown variable \$\{nod\.rpc\}\. Did you mean node\.rpc\?/),
    ]);
  });

  test("a text that is no YAML, and a file that says nothing", () => {
    expect(diagnosticsOf("name: [")).toEqual([expect.stringMatching(/^small\.yaml:1: Flow sequence/)]);
    expect(diagnosticsOf("")).toEqual([
      expect.stringMatching(/^small\.yaml:1: must be a table of keys and values/),
    ]);
  });
});

test.each([
  ["json: &a [*a]", "json"],
  ["json: &a { deep: { er: *a } }", "json"],
])("what holds itself is told with its line: %s", (line) => {
  const diagnostics = diagnosticsOf(base.replace('body: "${transaction}"', () => line));
  expect(diagnostics).toEqual([
    expect.stringMatching(/^small\.yaml:1[01]: is nested more than 64 levels deep, or contains itself/),
  ]);
});

test("a device and a folder are no files to copy, and nobody waits for their end", () => {
  for (const device of ["/dev/zero", "/dev"]) {
    const group = `    files: [{ path: a, copy: ${device} }]\n`;
    const [diagnostic, ...others] = diagnosticsOf(
      base.replace(/(\n {4}ports:)/, (after) => `\n${group.trimEnd()}${after}`),
    );
    expect(others).toEqual([]);
    expect(diagnostic).toContain("it is not a file");
  }
});

test("a pattern that is wrong by its last sign alone is told so", () => {
  for (const pattern of ["(foo)\\", "()|x\\"]) {
    expect(() => new RegExp(pattern)).toThrow(SyntaxError);
    const exported = `    exports: { id: { from: log, pattern: '${pattern}' } }`;
    const diagnostics = diagnosticsOf(base.replace(/(\n {4}ports:)/, (after) => `\n${exported}${after}`));
    expect(diagnostics).toEqual([expect.stringMatching(/pattern: .*\\ at end of pattern/)]);
  }
});

test("a file that is no text, or too large to stand in results, is refused", async () => {
  await using folder = await openTemporaryFolder();
  await writeFile(join(folder.path, "binary"), Buffer.from([0xff, 0xfe, 0x00]));
  await writeFile(join(folder.path, "large"), "a".repeat(1_048_577));
  const files = "files: [{ path: a, copy: binary }, { path: b, template: large }]";
  const { diagnostics } = parseCustomProtocol(changed("ports:", `${files}\n    ports:`), {
    file: "small.yaml",
    folder: folder.path,
  });
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/:5: copy: binary cannot be read: .*utf-8/),
    expect.stringMatching(/:5: template: large cannot be read: it has 1048577 bytes/),
  ]);
});

test("a table's keys and what stands under them are told at once", () => {
  const options = ["Bad: { meaning: 3, default: 1 }", "good: { meaning: m }", "__proto__: { meaning: m }"];
  const text = `${base}options:\n${options.map((line) => `  ${line}\n`).join("")}`;
  expect(diagnosticsOf(text)).toEqual([
    expect.stringMatching(/:13: Bad: this key must be: lower case letters/),
    expect.stringMatching(/:13: meaning: must be text/),
    expect.stringMatching(/:14: good: default is missing/),
    expect.stringMatching(/:15: __proto__: no such key/),
  ]);
});

test("a definition that was tampered with is refused", () => {
  expect(buildCustomProtocol({ name: "x" })).not.toHaveProperty("protocol");
  const { protocol } = parseCustomProtocol(base, { file: "small.yaml", folder: "/nowhere" });
  const definition = structuredClone(protocol?.definition) as { nodes: { files?: unknown }[] };
  const [group] = definition.nodes;
  if (group === undefined) throw new TypeError("the base has a group");
  group.files = [{ path: "passwd", copy: "/etc/passwd" }];
  expect(buildCustomProtocol(definition).diagnostics).toContainEqual({
    code: "protocol-file",
    message: expect.stringMatching(/nodes\/0\/files\/0: content is missing/),
  });
});

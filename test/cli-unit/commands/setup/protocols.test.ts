import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProtocols } from "../../../../src/cli/commands/setup/protocols.ts";
import { protocols } from "../../../../src/protocol/registry.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const run = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runProtocols, name: "protocols", settings: { json } });

describe("protocols", () => {
  test("lists all that are built in", async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    for (const { name, title } of protocols) expect(stdout).toContain(`\n${name}: ${title}\n  Nodes: `);
    expect(stdout).toMatch(/^mysticeti +http +streamed +chained +\w+ +18 to +1$/m);
    expect(stdout).toContain("\nmysticeti: embedded Mysticeti-C validators\n  Nodes: validator (built in)\n");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("shows one with its options", async () => {
    const { stdout } = await run(["mysticeti"]);
    expect(stdout).toContain("mysticeti: embedded Mysticeti-C validators\n  Nodes: validator (built in)\n");
    expect(stdout).toContain("  Transports: http, http-batch, websocket\n  Commits: streamed by the nodes\n");
    expect(stdout).toContain("  Faults tolerated: 1 of 4 nodes\n");
    expect(stdout).toContain(
      "\n  leaderTimeoutMs=250, on remote hosts 1000\n      longest wait for a round's leaders; a whole number of milliseconds from 1 to 600,000\n",
    );
    expect(stdout).toContain("; none, interval or block\n");
  });

  test("is one document with --json", async () => {
    const all = JSON.parse((await run([], true)).stdout) as { protocols: { name: string }[] };
    expect(all.protocols.map(({ name }) => name)).toEqual(protocols.map(({ name }) => name));
    expect(JSON.parse((await run(["cometbft"], true)).stdout)).toMatchObject({
      schema: "baleen.protocols/1",
      protocols: [
        {
          name: "cometbft",
          programs: [{ name: "cometbft", built_in: false }],
          commits: "streamed",
          tolerated_faults_of_four: 1,
        },
      ],
    });
  });

  test("shows what a file describes, and that nobody sees its commits", async () => {
    await using temporary = await makeTemporaryFolder();
    const path = join(temporary.path, "plain.yaml");
    const text = [
      "name: plain",
      "nodes: [{ role: server, program: { binary: plain-server, image: 'plain:1' }, ports: { rpc: any } }]",
      "health: { path: /health }",
      `transaction: { method: POST, path: /tx, body: "$\{transaction}" }`,
    ].join("\n");
    await writeFile(path, text);
    const { stdout } = await run([path]);
    expect(stdout).toContain(`\n  Described in: ${path}\n  Nodes: binary plain-server or image plain:1\n`);
    expect(stdout).toContain("  Transports: http\n  Commits: no: latency is response latency\n");
    expect(stdout).toContain("It has no options.");
    await writeFile(path, text.replace("transaction:", "transactions:"));
    expect(await run([path])).toMatchObject({
      code: 2,
      diagnostics: expect.arrayContaining([expect.stringContaining(`${path}:4: `)]),
    });
  });

  test.each([
    [
      "mystceti",
      'unknown protocol "mystceti". Did you mean mysticeti? Refer to a description by its path: ./mystceti.yaml.',
    ],
    ["./none.yaml", expect.stringMatching(/^\.\/none\.yaml: ENOENT.*Use a readable file\.$/)],
  ])("refuses %s", async (word, message) => {
    expect(await run([word])).toMatchObject({ code: 2, diagnostics: [message] });
  });
});

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCommandBackend } from "../../../src/cli/terminal/command-backend.ts";
import { findOnPath, whyNoProgram } from "../../../src/core/process/find-program.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { checkSystem, chooseSystem, limitsOfKept } from "../../../src/run/prepare/system.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

const backend = openCommandBackend({ PATH: "/nowhere" });

/** The smallest system that can be described. */
const description = `
name: plain
nodes:
  - role: server
    program: { binary: plain-server }
    ports: { rpc: any }
health: { path: /health }
transaction: { method: POST, path: /tx, body: "$\{transaction}" }
options:
  wait-ms: { meaning: how long it waits, default: 5, from: 0, to: 10 }
`;
const file = { path: "./plain.yaml", text: description };

const chosen = (values: Parameters<typeof givenFrom>[0]) =>
  checkSystem(givenFrom(values), backend, (given, limits) => checkParameters(given, limits));
const messages = (values: Parameters<typeof givenFrom>[0]) =>
  chosen(values).diagnostics.map(({ message }) => message);

describe("the system under test", () => {
  test("is mysticeti, or what is built in by its name", () => {
    expect(chosen({})).toMatchObject({ protocol: { name: "mysticeti" }, diagnostics: [] });
    expect(chosen({ protocol: "cometbft", runtime: "process" })).toMatchObject({
      protocol: { name: "cometbft" },
      parameters: { protocol: { name: "cometbft", observesCommits: true } },
      diagnostics: [],
    });
  });

  test("a name that is not known is told beside all other faults", () => {
    expect(
      messages({ protocol: "cometbtf", duration: "x", nodeBinary: "./nothing", leaderTimeout: 1 }),
    ).toEqual([
      'protocol: unknown protocol "cometbtf". Did you mean cometbft? Refer to a description by its path: ./cometbtf.yaml.',
      'nodeBinary "./nothing": there is no such file. Give the path of a program.',
      expect.stringMatching(/^duration: "x"/),
    ]);
  });

  test("a description: parameters keep its file, the hash of its text, and what it says", () => {
    const { protocol, parameters, diagnostics } = chosen({ protocol: file, protocolOption: ["wait-ms=7"] });
    expect(diagnostics).toEqual([]);
    expect(protocol?.name).toBe("plain");
    expect(parameters).toMatchObject({
      protocol: {
        name: "plain",
        observesCommits: false,
        described: {
          file: "./plain.yaml",
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          definition: { name: "plain" },
        },
      },
      protocolOptions: { waitMs: 7 },
    });
    // What a bundle keeps makes the same again, without the file.
    const kept = JSON.parse(JSON.stringify(parameters.protocol)) as typeof parameters.protocol;
    const again = chosen({ protocol: kept, protocolOption: { waitMs: 7 } });
    expect(again.diagnostics).toEqual([]);
    expect(again.parameters).toEqual(parameters);
    expect(limitsOfKept(kept, backend)).toMatchObject({ name: "plain", described: kept.described });
  });

  test("faults of a description name its file and line; a name of ours is refused", () => {
    const wrong = {
      path: "./plain.yaml",
      text: description.replace("path: /tx", "pth: /tx"),
    };
    expect(messages({ protocol: wrong })).toContainEqual(expect.stringMatching(/^\.\/plain\.yaml:\d+: /));
    expect(
      messages({ protocol: { ...file, text: description.replace("name: plain", "name: cometbft") } }),
    ).toEqual(["./plain.yaml: cometbft is the name of a built-in protocol. Choose another name."]);
  });

  test("one that a bundle names and that is not known here is taken as it was", () => {
    const kept = { name: "lost", observesCommits: false };
    expect(limitsOfKept(kept, backend)).toMatchObject({
      name: "lost",
      observeCommits: undefined,
    });
    expect(chooseSystem(givenFrom({ protocol: kept }), backend).diagnostics).toHaveLength(1);
  });
});

describe("the nodes' program", () => {
  test("is a path, from where the command is run, or a name that PATH has", async () => {
    await using temporary = await makeTemporaryFolder();
    const { path: folder } = temporary;
    const program = join(folder, "tool");
    await writeFile(program, "#!/bin/sh\n");
    await chmod(program, 0o755);
    await mkdir(join(folder, "other"));
    expect(findOnPath("tool", `relative:${folder}/other:${folder}`)).toBe(program);
    expect(findOnPath("missing", folder)).toBeUndefined();
    const own = openCommandBackend({ PATH: folder });
    for (const nodeBinary of ["tool", program]) {
      const { given, diagnostics } = chooseSystem(givenFrom({ nodeBinary }), own);
      expect([given.nodeBinary?.value, diagnostics]).toEqual([program, []]);
    }
    expect(whyNoProgram(folder)).toBe("it is not a file. Give the path of a program.");
    await chmod(program, 0o644);
    expect(whyNoProgram(program)).toBe("it is not executable. Use chmod +x, or give another program.");
    expect(messages({ protocol: "cometbft", nodeBinary: "tool" })).toEqual([
      'nodeBinary "tool": not found on PATH. Use its path, such as ./tool.',
    ]);
  });
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeExport, NodeGroup, NodeStatus } from "../../../src/contracts/deployment.ts";
import { ConfigurationError } from "../../../src/core/errors.ts";
import { readExports } from "../../../src/deploy/nodes/exports.ts";
import { openLogFile, openLogReader } from "../../../src/deploy/nodes/log-file.ts";
import { orderGroups } from "../../../src/deploy/nodes/planned.ts";
import { openExports } from "../../../src/deploy/nodes/stages.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const program = { kind: "foreign-program", name: "p", path: "/p", remedy: "" } as const;

function groupOf(role: string, more: Partial<NodeGroup> = {}): NodeGroup {
  return { role, count: 1, program, planes: ["rpc"], configure: () => ({ args: [], files: [] }), ...more };
}

describe("the order of groups", () => {
  const stagesOf = (...groups: NodeGroup[]) =>
    orderGroups({ groups }).map((stage) => stage.map(({ role }) => role));

  test.each([
    { name: "all at once where none waits", groups: [groupOf("a"), groupOf("b")], stages: [["a", "b"]] },
    {
      name: "each after all that it names, as early as can be",
      groups: [
        groupOf("d", { startAfter: ["b", "c"] }),
        groupOf("c", { startAfter: ["a"] }),
        groupOf("b"),
        groupOf("a"),
      ],
      stages: [["b", "a"], ["c"], ["d"]],
    },
    {
      name: "after all groups of a role",
      groups: [
        groupOf("a"),
        groupOf("a", { startAfter: ["c"] }),
        groupOf("b", { startAfter: ["a"] }),
        groupOf("c"),
      ],
      stages: [["a", "c"], ["a"], ["b"]],
    },
    { name: "nothing for no group", groups: [], stages: [] },
  ])("is $name", ({ groups, stages }) => {
    expect(stagesOf(...groups)).toEqual(stages);
  });

  test("tells of all circles and of all roles that there are not, at once", () => {
    const groups = [
      groupOf("boot", { startAfter: ["boot"] }),
      groupOf("a", { startAfter: ["b"] }),
      groupOf("b", { startAfter: ["a"] }),
      groupOf("waits", { startAfter: ["a"] }),
      groupOf("other", { startAfter: ["bot", "elsewhere"] }),
    ];
    let thrown: unknown;
    try {
      orderGroups({ groups });
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof ConfigurationError)) throw new Error("no ConfigurationError", { cause: thrown });
    expect(thrown.diagnostics.map(({ message }) => message)).toEqual([
      "Nodes of role other start after bot, but there is no such role. Did you mean boot?",
      "Nodes of role other start after elsewhere, but there is no such role.",
      "Nodes wait for one another in a circle: boot after boot. Remove one startAfter.",
      "Nodes wait for one another in a circle: a after b after a. Remove one startAfter.",
    ]);
  });
});

describe("what nodes have told", () => {
  const groups = [
    groupOf("boot", { exports: { id: { from: "log", pattern: /(.+)/ } } }),
    groupOf("member", { count: 2, startAfter: ["boot"] }),
    groupOf("client", { startAfter: ["member"] }),
  ];
  const [, member = groupOf(""), client = groupOf("")] = groups;

  test("is seen by those that start later, also by way of others", () => {
    const store = openExports({ groups });
    store.keep("node0", new Map([["id", "abc"]]));
    expect(store.seenBy(member)("node0", "id")).toBe("abc");
    expect(store.seenBy(client)("node0", "id")).toBe("abc");
  });

  test.each([
    {
      group: groups[0] ?? member,
      node: "node0",
      name: "id",
      why: /role boot cannot know what node0 exports/,
    },
    { group: member, node: "node3", name: "id", why: /make them start after client/ },
    { group: member, node: "node9", name: "id", why: /no node9/ },
    { group: member, node: "node0", name: "ids", why: /node0 exports no ids. Did you mean id\?/ },
  ])("is refused to role $group.role for $name of $node", ({ group, node, name, why }) => {
    const store = openExports({ groups });
    store.keep("node0", new Map([["id", "abc"]]));
    expect(() => store.seenBy(group)(node, name)).toThrow(why);
  });
});

describe("reading what a node exports", () => {
  const signal = new AbortController().signal;
  const nowhere = { host: "127.0.0.1", port: 1 };

  /** A node whose log is as `said` at each look, the last for ever. */
  function nodeSaying(said: readonly string[], status: NodeStatus = { state: "running" }) {
    let looks = 0;
    return {
      name: "node0",
      status: async () => status,
      logs: async ({ tailLines }: { tailLines: number }) =>
        (said[Math.min(looks++, said.length - 1)] ?? "").split("\n").slice(-tailLines).join("\n"),
    };
  }

  async function serve(answer: (path: string, asked: number) => { status: number; body: string }) {
    let asked = 0;
    const server = createServer((request, response) => {
      const { status, body } = answer(request.url ?? "", ++asked);
      response.writeHead(status).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      endpoint: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
      [Symbol.asyncDispose]: async () => {
        server.close();
        await once(server, "close");
      },
    };
  }

  const id: NodeExport = { from: "log", pattern: /peer id: (\w+)/ };

  test("takes the first line that matches, whatever flags the pattern has", async () => {
    const node = nodeSaying(["starting", "starting\npeer id: abc\npeer id: later\n…"]);
    const exports = { id, again: { from: "log", pattern: /PEER ID: (\w+)/gi } } as const;
    const found = await readExports(node, exports, () => nowhere, { timeoutMs: 10_000, signal });
    expect([...found]).toEqual([
      ["id", "abc"],
      ["again", "abc"],
    ]);
  });

  test("does not take half a line", async () => {
    const node = nodeSaying(["peer id: ab", "peer id: abcd", "peer id: abcd"]);
    const found = await readExports(node, { id }, () => nowhere, { timeoutMs: 10_000, signal });
    expect(found.get("id")).toBe("abcd");
  });

  test("takes what a node said before it ended", async () => {
    const node = nodeSaying(["peer id: abcd"], { state: "exited", exitCode: 0 });
    const found = await readExports(node, { id }, () => nowhere, { timeoutMs: 10_000, signal });
    expect(found.get("id")).toBe("abcd");
  });

  test("asks until a text or a number is there", async () => {
    await using server = await serve((path, asked) => {
      if (asked === 1) return { status: 503, body: "not yet" };
      if (asked === 2) return { status: 200, body: "<html>" };
      return { status: 200, body: JSON.stringify(path === "/id" ? { node: { id: 17 } } : {}) };
    });
    const exports = { id: { from: "http", plane: "rpc", path: "/id", pointer: "/node/id" } } as const;
    const found = await readExports(nodeSaying([""]), exports, () => server.endpoint, {
      timeoutMs: 10_000,
      signal,
    });
    expect(found.get("id")).toBe("17");
  });

  test("names node, exports and what was last seen where it takes too long", async () => {
    await using server = await serve(() => ({ status: 404, body: "no\nsuch thing" }));
    const exports: NodeGroup["exports"] = {
      id,
      address: { from: "http", plane: "rpc", path: "/address", pointer: "" },
      key: { from: "log", pattern: /key=(\w*)/ },
    };
    const { port } = server.endpoint;
    const node = nodeSaying(["key=\nwaiting for the moon"]);
    const reading = readExports(node, exports, () => server.endpoint, { timeoutMs: 300, signal });
    await expect(reading).rejects.toMatchObject({
      code: "export-missing",
      message: [
        "node0 did not report within 0.3 s what later nodes need. See its log.",
        "  id: no line of its log matches /peer id: (\\w+)/",
        `  address: GET http://127.0.0.1:${port}/address returned status 404: no such thing`,
        '  key: the first group of /key=(\\w*)/ is empty in the line "key="',
        "    | key=",
        "    | waiting for the moon",
      ].join("\n"),
    });
  });

  test.each([
    [{ state: "exited", exitCode: 3 } as const, "ended with code 3"],
    [{ state: "exited", signal: "SIGSEGV" } as const, "was ended by SIGSEGV"],
    [{ state: "missing" } as const, "is gone"],
  ])("is over at once where the node ended: %o", async (status, how) => {
    const reading = readExports(nodeSaying(["no such flag"], status), { id }, () => nowhere, {
      timeoutMs: 60_000,
      signal,
    });
    await expect(reading).rejects.toThrow(
      `node0 ${how} before it reported what later nodes need. See its log.\n` +
        "  id: no line of its log matches /peer id: (\\w+)/\n    | no such flag",
    );
  });

  test("is left with the reason of an abort", async () => {
    const reason = new Error("interrupted");
    const reading = readExports(nodeSaying([""]), { id }, () => nowhere, {
      timeoutMs: 60_000,
      signal: AbortSignal.abort(reason),
    });
    await expect(reading).rejects.toBe(reason);
  });

  test("gives up a pattern that would try for years, and says so", async () => {
    const id: NodeExport = { from: "log", pattern: /^(a+)+$/ };
    const node = nodeSaying([`${"a".repeat(60)}!`]);
    const reading = readExports(node, { id }, () => nowhere, { timeoutMs: 300, signal });
    await expect(reading).rejects.toThrow(
      "id: /^(a+)+$/ took over 500 ms: simplify it so that it backtracks less",
    );
  });

  test("asks nothing of a node that exports nothing", async () => {
    const node = nodeSaying([""], { state: "missing" });
    expect((await readExports(node, undefined, () => nowhere, { timeoutMs: 1000, signal })).size).toBe(0);
  });
});

test("a log that grows is read on from where it stood, also over the file that is put aside when it is long", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "node.log");
  await using log = await openLogFile(path, 2_000);
  const read = openLogReader(path);
  const written: string[] = [];
  const found: string[] = [];
  for (let line = 0; line < 200; line++) {
    const text = `line ${line} ${"é".repeat(line % 90)}\n`;
    written.push(text);
    await log.append(Buffer.from(text));
    if (line % 3 === 0) found.push(await read());
  }
  found.push(await read());
  expect(found.join("")).toBe(written.join(""));
  expect(await read()).toBe("");
});

test("of a log that can be read on, nothing is asked for twice", async () => {
  const pieces = ["starting\npeer ", "id: ab", "cd\n", "more\n"];
  const node = {
    name: "node0",
    status: async () => ({ state: "running" }) as const,
    logs: async () => {
      throw new Error("all of it was asked for");
    },
    openLog: () => async () => pieces.shift() ?? "",
  };
  const exports: NodeGroup["exports"] = {
    start: { from: "log", pattern: /^(starting)$/ },
    id: { from: "log", pattern: /^peer id: (\w+)$/ },
    last: { from: "log", pattern: /^(more)$/ },
  };
  const { signal } = new AbortController();
  const at = () => ({ host: "127.0.0.1", port: 1 });
  expect([...(await readExports(node, exports, at, { timeoutMs: 10_000, signal }))]).toEqual([
    ["start", "starting"],
    ["id", "abcd"],
    ["last", "more"],
  ]);
});

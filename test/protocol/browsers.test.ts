import { describe, expect, test } from "vitest";
import type { PlacementView } from "../../src/contracts/deployment.ts";
import { type BrowserFile, type PageContent, testLine } from "../../src/contracts/peer-tests/node-files.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { listPlannedNodes } from "../../src/deploy/nodes/planned.ts";
import { browsers, createBrowsers } from "../../src/protocol/browsers/browsers.ts";
import { planJoiningBrowsers } from "../../src/protocol/browsers/joining.ts";
import { dealRoutines } from "../../src/protocol/browsers/routines.ts";

const page: PageContent = { page: "<html>", style: "p {}", script: "start();" };
const protocol = createBrowsers((sha256) => (sha256 === "abc" ? page : undefined));
/** There is one on every machine. */
const chromium = process.execPath;
const load = { rateTps: 44.4, transactionSizeBytes: 512, warmUpSecs: 5, durationSecs: 60 };

function configurationsOf(options: Readonly<Record<string, unknown>>, nodes = 4) {
  const plan = protocol.plan({ nodes, load, options: { chromium, page: "abc", ...options } });
  const planned = listPlannedNodes(plan);
  return planned.map((node) => {
    const view: PlacementView = {
      home: "/home",
      nodes: planned,
      endpoint: (target) => ({ host: target, port: 26_657 }),
      listen: () => ({ host: "0.0.0.0", port: 26_657 }),
      exported: (name, what) => `${what} of ${name}`,
    };
    const { files } = node.group.configure(node, view);
    return { role: node.role, files: Object.fromEntries(files.map(({ path, content }) => [path, content])) };
  });
}

const pageUrlOf = (files: Readonly<Record<string, string>>) =>
  new URL((JSON.parse(files["browser.json"] ?? "") as BrowserFile).pageUrl);

const refusedOf = (options: Readonly<Record<string, unknown>>) => {
  try {
    protocol.plan({ nodes: 4, load, options: { chromium, page: "abc", ...options } });
    return [];
  } catch (error) {
    return (error as ConfigurationError).diagnostics.map(({ message }) => message);
  }
};

describe("the plan", () => {
  test("has browsers first, and the three servers that they need, each on its own", () => {
    const { groups } = protocol.plan({ nodes: 4, load, options: { chromium, page: "abc" } });
    expect(groups.map(({ role, count, isHelper }) => [role, count, isHelper])).toEqual([
      ["browser", 4, undefined],
      ["results-server", 1, true],
      ["lighthouse", 1, true],
      ["client-page", 1, true],
    ]);
  });

  test("gives every page the test, the servers, its routine and its share of the load", () => {
    const [first, second] = configurationsOf({ routines: "comms,listen", statsSubmitIntervalMs: 500 });
    const url = pageUrlOf(first?.files ?? {});
    expect(url.origin).toBe("http://node6:26657");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      testId: "testId of node4",
      peerId: "node0",
      testDuration: "60",
      statsSubmitInterval: "500",
      lighthouseUrl: "http://node5:26657",
      statsServerUrl: "http://node4:26657",
      routine: "comms",
      // Two of four send.
      messagesPerSec: "22.2",
    });
    expect(pageUrlOf(second?.files ?? {}).searchParams.get("routine")).toBe("listen");
  });

  test("lays the page's files into the home of the one that serves it, and nobody else's", () => {
    const all = configurationsOf({ statsServerUrl: "http://localhost:8086" });
    const withPage = all.filter(({ files }) => files["client.js"] !== undefined);
    expect(withPage.map(({ role }) => role)).toEqual(["client-page"]);
    expect(withPage[0]?.files).toMatchObject({
      "page.html": page.page,
      "page.css": page.style,
      "client.js": page.script,
    });
    const server = JSON.parse(all[4]?.files["helper.json"] ?? "");
    expect(server).toEqual({
      role: "results-server",
      rpc: { host: "0.0.0.0", port: 26_657 },
      knownAs: "node4",
      clientOrigin: "http://node6:26657",
      statsServerUrl: "http://localhost:8086",
    });
  });

  test("is told the test's name by the results server", () => {
    expect(testLine.exec("test 20260101T000000Z-abc123")?.[1]).toBe("20260101T000000Z-abc123");
  });

  test.each([
    [{ routines: "coms" }, 'there is no routine "coms". Use comms, walk, listen'],
    [
      { routines: "mine", routineFile: "/tmp/other.mjs" },
      'there is no routine "mine". Use comms, walk, listen, other',
    ],
    [{ routines: "listen" }, "no peer sends anything"],
    [
      { chromium: "/nowhere/chromium" },
      "There is no Chromium at /nowhere/chromium. Install it with: apt-get install",
    ],
    [{ page: "another" }, "there is no such client page. Use baleen browsers"],
    [
      { statsServerUrl: "http://me:secret@localhost:8086" },
      "expected an http or https URL without credentials",
    ],
    [{ statsSubmitIntervalMs: 50 }, "from 100 to 60000"],
  ])("refuses %j", (options, expected) => {
    expect(refusedOf(options)).toEqual([expect.stringContaining(expected)]);
  });

  test("knows the routine of a file by the file's name", () => {
    expect(refusedOf({ routines: "mine", routineFile: "/tmp/mine.mjs" })).toEqual([]);
  });

  test("can be looked at without a page and a load, as lists of programs do", () => {
    const { groups } = browsers.plan({ nodes: 1, options: { chromium } });
    expect(groups.map(({ program }) => program.name)).toEqual([
      "browser",
      "test-server",
      "test-server",
      "test-server",
    ]);
  });
});

test("routines are dealt in turn, and those that only listen send nothing", () => {
  expect(dealRoutines("comms, listen,walk", 5)).toEqual({
    dealt: ["comms", "listen", "walk", "comms", "listen"],
    senders: 3,
  });
});

test("browsers that join a test have ids of their own, and are counted", () => {
  const asked = { routines: "comms", durationSecs: 180, testId: "demo", clientUrl: "http://a:1" };
  const urls = { resultsServerUrl: "http://b:2", lighthouseUrl: "http://c:3" };
  expect(() => planJoiningBrowsers({ count: 0, ...asked, ...urls })).toThrow(ConfigurationError);
});

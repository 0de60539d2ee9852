/** `baleen serve` as the results server of browser tests, with the environment of its users, and a real InfluxDB 1. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { packetMetrics } from "../../src/contracts/peer-tests/metrics.ts";
import { delay, until } from "../../src/core/async.ts";
import { shownCommands, wordsOf } from "../docs/pages.ts";
import { metricsOf } from "../server/peer-tests/sample-metrics.ts";
import { type Answer, ask } from "../server/peer-tests/served-tests.ts";
import { openBrowser, openPage, whyNoChromium } from "../support/chromium.ts";
import { askInflux, openInflux, whyNoDatabases } from "../support/databases.ts";
import { openSetting } from "./setting.ts";

const execFileAsync = promisify(execFile);

async function open() {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  const serve = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const server = setting.start("baleen", ["serve", "--port=0", "--json", ...args], { env });
    await server.says(/Press Ctrl-C/);
    const found = JSON.parse(server.seen.stdout) as { client_url: string; test_results_location: string };
    return { ...server, ...found };
  };
  return { ...setting, serve };
}

/** An empty page, at a port of its own. */
async function openPages() {
  const pages = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<title>client</title>");
  });
  pages.listen(0, "127.0.0.1");
  await once(pages, "listening");
  return {
    port: (pages.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      pages.closeAllConnections();
      pages.close();
      await once(pages, "close");
    },
  };
}

test("results go where the environment says, and a server that is killed goes on with its tests", async () => {
  const setting = await open();
  const env = { TEST_RESULTS_LOCATION: "kept" };
  const first = await setting.serve([], env);
  expect(first.test_results_location).toBe(join(setting.home, "kept"));
  await ask(`${first.client_url}/test/t`, "POST", { started: true });
  await ask(`${first.client_url}/test/t/peer/a/metrics`, "PUT", metricsOf(1));
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await setting.serve([], env);
  await ask(`${second.client_url}/test/t/peer/a/metrics`, "PUT", metricsOf(2));
  const finished = await ask(`${second.client_url}/test/t/finish`, "PUT");
  expect(finished.json.dataPoints).toHaveLength(2);
  expect(JSON.parse(await readFile(join(setting.home, "kept", "t.json"), "utf8"))).toEqual(finished.json);
  second.child.kill("SIGINT");
  expect((await second.ended).code).toBe(130);
});

test("by default results are in the home folder, and pages of port 7654 may report; elsewhere a token is needed", async () => {
  const setting = await open();
  const server = await setting.serve(["--listen=localhost"]);
  expect(server.test_results_location).toBe(join(setting.home, "peer-performance-tests"));
  const from = async (origin: string) =>
    (await ask(`${server.client_url}/test`, "POST", undefined, { origin })).status;
  expect(await from("http://localhost:7654")).toBe(200);
  expect(await from("http://127.0.0.1:7654")).toBe(200);
  expect(await from("http://localhost:7655")).toBe(403);
  const away = await setting.serve(["--listen=0.0.0.0", "--test-results-location=away"]);
  const { pathname, port } = new URL(away.client_url);
  expect(pathname).toMatch(/^\/token\/[\w-]{32}$/);
  const status = async (path: string) => (await ask(`http://127.0.0.1:${port}${path}`, "POST")).status;
  expect(await status(`${pathname}/test`)).toBe(200);
  expect(await status("/test")).toBe(401);
});

test("each request of docs/browsers.md does what the page says", async () => {
  const setting = await open();
  const server = await setting.serve([]);
  const { host } = new URL(server.client_url);
  const project = fileURLToPath(new URL("../../", import.meta.url));
  const lines = shownCommands("docs/browsers.md").filter(({ line }) => line.startsWith("curl "));
  const replies: Answer["json"][] = [];
  for (const { line } of lines) {
    const [program = "", ...args] = wordsOf(line.replace("127.0.0.1:9904", host));
    const { stdout } = await execFileAsync(program, ["--silent", "--show-error", ...args], { cwd: project });
    replies.push(JSON.parse(stdout));
  }
  const [created, started, point, status, finished, results] = replies;
  expect(created).toEqual({ id: "demo" });
  expect(status).toEqual(started);
  expect(results).toEqual({ ...started, dataPoints: [point], finished: expect.any(Number) });
  expect(finished).toEqual(results);
});

test("every wrong option is reported at once", async () => {
  const setting = await open();
  const wrong = ["--client-origin=*", "--stats-server-url=localhost:8086", "--test-results-location="];
  const { code, stderr } = await setting.start("baleen", ["serve", ...wrong]).ended;
  expect(code).toBe(2);
  for (const flag of ["--client-origin", "--stats-server-url", "--test-results-location"]) {
    expect(stderr).toContain(flag);
  }
});

describe.skipIf(whyNoChromium !== undefined)(`pages ${whyNoChromium ?? ""}`, () => {
  test("a page of an allowed origin reports from a real browser, and a page of another one cannot", async () => {
    const setting = await open();
    await using pages = await openPages();
    const [allowed, other] = ["localhost", "127.0.0.1"].map((name) => `http://${name}:${pages.port}`);
    const server = await setting.serve([`--client-origin=${allowed}`, "--listen=0.0.0.0"]);
    const url = server.client_url.replace("0.0.0.0", "127.0.0.1");
    await using opened = await openBrowser();
    /** What a page's script gets: statuses, or that its browser does not let it. */
    const report = async (origin = "") => {
      const { page } = await openPage(opened.browser, origin);
      return await page.evaluate(
        async (base, metrics) => {
          const ask = async (method: string, path: string, body?: object) => {
            const headers = { "content-type": "application/json" };
            const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
            try {
              return (await fetch(`${base}${path}`, { method, ...sent })).status;
            } catch (error) {
              return String(error);
            }
          };
          return [
            await ask("POST", "/test/browser", { started: true }),
            await ask("PUT", "/test/browser/peer/a/metrics", metrics as object),
            await ask("GET", "/test/browser?dataPoints=true"),
            await ask("GET", "/test/none"),
            await ask("POST", "/test"),
          ];
        },
        url,
        metricsOf(1) as object,
      );
    };
    const refused = Array.from({ length: 5 }, () => "TypeError: Failed to fetch");
    expect(await report(other)).toEqual(refused);
    expect((await ask(`${url}/test/browser`, "GET")).status).toBe(404);
    expect(await readdir(setting.home)).not.toContain("peer-performance-tests");
    expect(await report(allowed)).toEqual([200, 200, 200, 404, 200]);
    const { json } = await ask(`${url}/test/browser/finish`, "PUT");
    expect(json.dataPoints).toMatchObject([{ peerId: "a", metrics: metricsOf(1) }]);
  });
});

describe.skipIf(whyNoDatabases !== undefined)(`relay ${whyNoDatabases ?? ""}`, () => {
  test("InfluxDB 1 has each data point with its tags and fields, also those from while it was away", async () => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    await fetch(`${influx.origin}/query?${new URLSearchParams({ q: "CREATE DATABASE comms" })}`, {
      method: "POST",
    });
    const server = await setting.serve([], { STATS_SERVER_URL: influx.origin });
    await ask(`${server.client_url}/test/t`, "POST", { started: true });
    const report = (peer: string, sent: number) =>
      ask(
        `${server.client_url}/test/t/peer/${peer}/metrics`,
        "PUT",
        metricsOf(sent, { extra: { busyness: 0.5 } }),
      );
    const written = async (wanted: number) =>
      until(
        async () => {
          const { relay } = (await ask(`${server.client_url}/status`, "GET")).json;
          return relay.pointsWritten === wanted ? relay : undefined;
        },
        { timeoutMs: 60_000, everyMs: 100, describe: () => `not ${wanted} points` },
      );
    // Many within a millisecond.
    await Promise.all(Array.from({ length: 100 }, (_, index) => report(`peer-${index % 4}`, index)));
    await written(100);
    await influx.kill();
    await Promise.all(Array.from({ length: 100 }, (_, index) => report("late", index)));
    await influx.start();
    expect(await written(200)).toMatchObject({ pointsDropped: 0, pointsWaiting: 0 });
    const inComms = (query: string) => askInflux(influx.origin, query.replace("FROM ", "FROM comms.."));
    const [points] = await inComms('SELECT * FROM "baleen_peer"');
    expect(points?.values).toHaveLength(200);
    const names = [
      ...packetMetrics,
      "connectedPeersCount",
      "knownPeersCount",
      "x",
      "y",
      "z",
      "extra_busyness",
    ];
    expect(points?.columns.toSorted()).toEqual(["time", "test", "peer", ...names].toSorted());
    const [sums] = await inComms('SELECT sum("sent") FROM "baleen_peer" WHERE test = \'t\'');
    expect(sums?.values[0]?.[1]).toBe(2 * 4950);
    const [peers] = await inComms('SELECT count("sent") FROM "baleen_peer" WHERE peer = \'peer-3\'');
    expect(peers?.values[0]?.[1]).toBe(25);
  });

  test("each panel of Grafana's board of browser tests has data, and adds up what peers report", async () => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    await askInflux(influx.origin, "CREATE DATABASE comms", "POST");
    const server = await setting.serve([`--stats-server-url=${influx.origin}`]);
    await ask(`${server.client_url}/test/t`, "POST", { started: true });
    await ask(`${server.client_url}/test/other`, "POST", { started: true });
    const rounds = 3;
    for (let round = 1; round <= rounds; round++) {
      const extra = {
        ...{ tickRatePerSec: 50 + round, timerLatenessMaxMs: round, deliveredMessages: 10 * round },
        ...{ webrtcRoundTripMs: 0.5, deliveryMeanMs: 2 },
      };
      const metrics = metricsOf(1, { extra, sentPerSecond: 12.5, relayedBytesPerSecond: 100 });
      const points = ["t/peer/a", "t/peer/b", "other/peer/c"];
      await Promise.all(
        points.map((point) => ask(`${server.client_url}/test/${point}/metrics`, "PUT", metrics)),
      );
      // Deliveries per second are told between two points of a second each.
      if (round < rounds) await delay(1_100);
    }
    await until(
      async () => {
        const { relay } = (await ask(`${server.client_url}/status`, "GET")).json;
        return relay.pointsWritten === 3 * rounds || undefined;
      },
      { timeoutMs: 30_000, everyMs: 100, describe: () => "not all points were relayed" },
    );
    const board = new URL("../../compose/monitoring/grafana/dashboards/browser-tests.json", import.meta.url);
    const { panels, templating } = JSON.parse(await readFile(board, "utf8")) as {
      panels: { title: string; targets: { query: string; alias: string }[] }[];
      templating: { list: { name: string; query: string }[] };
    };
    const asked = (query: string) => {
      const text = query.replaceAll("$test", "t").replaceAll("$timeFilter", "time > now() - 1h");
      return askInflux(influx.origin, text.replaceAll("$__interval", "1h"), "GET", "comms");
    };
    const tests = templating.list.find(({ name }) => name === "test")?.query ?? "";
    expect((await asked(tests))[0]?.values.map(([, test]) => test)).toEqual(["other", "t"]);
    const latest = new Map<string, unknown>();
    for (const { title, targets } of panels) {
      for (const { query, alias } of targets) {
        // In one long interval nothing has a rate.
        const found = await asked(
          query.includes("derivative") ? query.replaceAll("$__interval", "1s") : query,
        );
        expect(found, `${title}, ${alias}`).not.toEqual([]);
        latest.set(`${title}, ${alias}`, found[0]?.values.at(-1)?.[1]);
      }
    }
    expect(Object.fromEntries(latest)).toMatchObject({
      "Peers, peers": 2,
      "Packets sent per second, sent": 25,
      "Packets per second, all peers, sent": 25,
      "Bytes per second, all peers, relayed": 200,
      "Least tick rate, least": 51,
      "Latest timer, latest": rounds,
      "Connections of a peer, mean": 2,
      "Round trip, $tag_peer": 0.5,
    });
    expect(latest.get("Messages delivered per second, all peers, delivered")).toBeGreaterThan(0);
  });
});

/** `baleen browsers` with real Chromium and the real peer library: whole tests, and browsers for a test run elsewhere. */
import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { testResultsForm } from "../../src/contracts/peer-tests/results.ts";
import { until } from "../../src/core/async.ts";
import { readForm } from "../../src/core/documents/check-form.ts";
import { openValidator } from "../results/schemas.ts";
import { ask } from "../server/peer-tests/served-tests.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { askInflux, openInflux, whyNoDatabases } from "../support/databases.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";
import { dockerCommand, openDockerSetting, whyNoDocker } from "./docker-setting.ts";
import { shareLibraries } from "./peer-library-cache.ts";
import { openSetting, type Setting } from "./setting.ts";

async function open(): Promise<Setting> {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  await shareLibraries(setting);
  return setting;
}

const tookPart = "2 of 2 browsers took part in the test demo to its end";

/** The servers of a test, each as its command starts it, and the variables that name them to whoever joins it. */
async function openServers(setting: Setting) {
  const serve = async (...args: readonly string[]) => {
    const server = setting.start("baleen", [...args, "--port=0", "--json"], { longestMs: 300_000 });
    await server.says(/Press Ctrl-C/, 120_000);
    return JSON.parse(server.seen.stdout);
  };
  const { url: pageUrl } = await serve("client-page");
  const { client_url: results } = await serve("serve", `--client-origin=${new URL(pageUrl).origin}`);
  const { url: lighthouseUrl } = await serve("lighthouse");
  await ask(`${results}/test/demo`, "POST");
  return {
    setting,
    variables: {
      TEST_ID: "demo",
      RESULTS_SERVER_URL: results,
      LIGHTHOUSE_URL: lighthouseUrl,
      CLIENT_URL: pageUrl,
      PEERS_COUNT: "2",
      TEST_DURATION: "4",
    },
    startTest: () => ask(`${results}/test/demo/start`, "PUT"),
    expectResults: async () => {
      const { json } = await ask(`${results}/test/demo/finish`, "PUT");
      const { dataPoints, results: records } = readForm(testResultsForm, json);
      expect(new Set(dataPoints.map(({ peerId }) => peerId)).size).toBe(2);
      expect(Object.values(records ?? {}).map(({ routine }) => routine)).toEqual(["comms", "comms"]);
    },
  };
}

/** All that a run is said to have been, and the results of its test. */
async function readRun(setting: Setting) {
  const bundle = await setting.bundle();
  const { runs } = JSON.parse(await readFile(join(bundle, "summary.json"), "utf8"));
  const run = JSON.parse(await readFile(join(bundle, runs[0].file), "utf8"));
  expect((await openValidator("native-run"))(run)).toEqual([]);
  const text = await readFile(join(bundle, "test-results-1.json"), "utf8");
  expect((await openValidator("test-results"))(JSON.parse(text))).toEqual([]);
  return { bundle, run, document: readForm(testResultsForm, JSON.parse(text)) };
}

describe.runIf(whyNoChromium === undefined)(`browsers ${whyNoChromium ?? ""}`, () => {
  test(`run two routines in one test, whose points a database has, too ${whyNoDatabases ?? ""}`, async () => {
    const setting = await open();
    await using folder = await openTemporaryFolder();
    await using influx = whyNoDatabases === undefined ? await openInflux(folder.path) : undefined;
    if (influx !== undefined) await askInflux(influx.origin, "CREATE DATABASE comms", "POST");
    const relay = influx === undefined ? [] : [`--stats-server-url=${influx.origin}`];
    const args = ["browsers", "--local", "--peers=4", "--duration=12", "--routine=comms,listen", ...relay];
    const { code, stderr } = await setting.start("baleen", args, { longestMs: 180_000 }).ended;
    expect([code, stderr.match(/^(error|warning).*/gm)]).toEqual([0, null]);
    const { bundle, run, document } = await readRun(setting);
    expect(run.verdict.status).not.toBe("invalid");
    const { routines } = run.results;
    // Half of the peers send; due times do not drift.
    expect(routines.sent).toBeGreaterThan(2 * 11.1 * 12 * 0.98);
    expect(routines.sent).toBeLessThan(2 * 11.1 * 12 * 1.02 + 6);
    expect(routines.deliveries.delivered).toBeGreaterThan(0.98 * routines.deliveries.expected);
    expect(routines.peers.map(({ routine }: { routine: string }) => routine)).toEqual([
      ...["comms", "listen", "comms", "listen"],
    ]);
    for (const { connections } of routines.peers) expect(connections).toBeGreaterThan(0);
    // No peer sends before the start, or after the end.
    const { started = 0, finished = 0, dataPoints } = document;
    for (const { timestamp } of dataPoints) {
      expect(timestamp).toBeGreaterThan(started);
      expect(timestamp).toBeLessThanOrEqual(finished);
    }
    expect(dataPoints).toHaveLength(4 * 6);
    if (influx !== undefined) {
      const query = `SELECT COUNT("sentTotal") FROM comms.autogen.baleen_peer WHERE test = '${document.id}'`;
      const [series] = await askInflux(influx.origin, query);
      expect(series?.values[0]?.[1]).toBe(dataPoints.length);
    }
    const verified = await setting.start("baleen", ["verify", bundle]).ended;
    expect([verified.code, verified.code === 0 ? "" : verified.stdout]).toEqual([0, ""]);
    // What other tests have installed is not its own.
    await unlink(join(setting.stateDir, "peer-libraries"));
    await setting.expectNothingLeft();
  });

  test("take part in a test whose servers are elsewhere, and end with it", async () => {
    const servers = await openServers(await open());
    const browsers = servers.setting.start("baleen", ["browsers"], {
      env: servers.variables,
      longestMs: 120_000,
    });
    await browsers.says("2 waiting", 60_000);
    await servers.startTest();
    const { code, stderr } = await browsers.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining(tookPart)]);
    await servers.expectResults();
  });
});

const whyNoContainers = whyNoDocker ?? whyNoChromium;

test.runIf(whyNoContainers === undefined)(
  `in containers, messages take as long as the links between them ${whyNoContainers ?? ""}`,
  async () => {
    await using setting = await openDockerSetting();
    await shareLibraries(setting);
    const args = ["browsers", "--local", "--peers=2", "--duration=8", "--delay=25ms", "--cleanup-thorough"];
    const { code, stdout } = await setting.start("baleen", [...args, "--json"], { longestMs: 240_000 }).ended;
    const [{ results, verdict, link_certificate: certificate }] = JSON.parse(stdout).runs;
    expect([code, verdict.reasons]).toEqual([0, []]);
    const { deliveries, latency } = results.routines;
    expect(deliveries.delivered).toBe(deliveries.expected);
    expect(latency.min_ms).toBeGreaterThan(25);
    expect(latency.p50_ms).toBeLessThan(35);
    expect(certificate.failures ?? []).toEqual([]);
  },
);

test.runIf(whyNoContainers === undefined)(
  `as an image, take part in a test whose servers are elsewhere ${whyNoContainers ?? ""}`,
  { timeout: 300_000 },
  async () => {
    const servers = await openServers(await open());
    const file = join(servers.setting.home, "browsers.tar.gz");
    const packed = await servers.setting.start("baleen", ["browsers", `--image-file=${file}`]).ended;
    expect([packed.code, packed.stdout]).toEqual([0, expect.stringContaining(`${file} (`)]);
    const [, id = ""] = /sha256:(\w+)/.exec(await dockerCommand("load", "-i", file)) ?? [];
    const variables = Object.entries(servers.variables).flatMap(([name, value]) => [
      "-e",
      `${name}=${value}`,
    ]);
    const container = await dockerCommand("run", "-dt", "--network=host", ...variables, id);
    try {
      const logs = () => dockerCommand("logs", container);
      const isWaiting = async () => (await logs()).includes("2 waiting") || undefined;
      await until(isWaiting, { timeoutMs: 90_000, everyMs: 500, describe: () => "browsers do not wait" });
      await servers.startTest();
      expect([await dockerCommand("wait", container), await logs()]).toEqual([
        "0",
        expect.stringContaining(tookPart),
      ]);
      await servers.expectResults();
    } finally {
      await dockerCommand("rm", "-f", container);
      await dockerCommand("rmi", "-f", id);
    }
  },
);

test("a missing Chromium is one sentence, with the command that installs it, before anything is packed", async () => {
  const setting = await open();
  const option = "--protocol-option=chromium=/nowhere/chromium";
  const { code, stderr } = await setting.start("baleen", ["browsers", "--local", option]).ended;
  expect([code, stderr.trim()]).toEqual([
    2,
    "error: There is no Chromium at /nowhere/chromium. Install it with: apt-get install --no-install-recommends chromium fonts-dejavu-core.",
  ]);
});

test("whoever joins a test names it and its servers, and nothing that only a whole test has", async () => {
  const setting = await open();
  const { code, stderr } = await setting.start("baleen", ["browsers", "--test-id=demo", "--loads=5"]).ended;
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      /Missing: --results-server-url \(RESULTS_SERVER_URL\), --lighthouse-url \(LIGHTHOUSE_URL\), --client-url \(CLIENT_URL\)\. Give them, or use --local/,
    ),
  ]);
  expect(stderr).toContain('--loads: "baleen browsers without --local" does not use it');
});

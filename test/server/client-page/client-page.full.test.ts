import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import type { Browser } from "puppeteer-core";
import { expect, onTestFinished, test } from "vitest";
import { type PeerRecord, peerRecordForm } from "../../../src/contracts/peer-tests/peer-record.ts";
import { until } from "../../../src/core/async.ts";
import { readForm } from "../../../src/core/documents/check-form.ts";
import { type ClientPage, startClientPage } from "../../../src/server/client-page/client-page.ts";
import { type Lighthouse, startLighthouse } from "../../../src/server/lighthouse/lighthouse.ts";
import { cacheDir } from "../../cli/peer-library-cache.ts";
import { openBrowser, openPage, whyNoChromium } from "../../support/chromium.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { serveTests } from "../peer-tests/served-tests.ts";

const local = { listen: "127.0.0.1", port: 0 };

/** Peers of several browsers, which nobody sees, on one machine. */
const flags = [
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--allow-loopback-in-peer-connection",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];
const testId = "the-test";
/** As figures name them. */
const kindNames = ["Position", "Profile", "Chat"];

interface Point {
  readonly peerId: string;
  readonly metrics: Readonly<Record<string, unknown>> & { readonly extra: Readonly<Record<string, number>> };
}

interface Results {
  readonly url: string;
  readonly points: () => Promise<readonly Point[]>;
  /** What each peer reported at its end. */
  readonly records: () => Promise<ReadonlyMap<string, PeerRecord>>;
  readonly move: (to: "start" | "finish") => Promise<unknown>;
}

interface Setting {
  readonly lighthouse: Lighthouse;
  readonly page: ClientPage;
  readonly results: Results;
  readonly browsers: readonly Browser[];
}

async function open(browserCount: number, more: { peerLibrary?: string; routineFiles?: string[] } = {}) {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const lighthouse = stack.use(await startLighthouse({ ...local, version: "1", islandUpdateMs: 100 }));
  const page = stack.use(await startClientPage({ ...local, cacheDir, env, ...more }));
  const server = stack.use(await serveTests({ clientOrigins: [new URL(page.url).origin] }));
  await server.post(`/test/${testId}`);
  const all = async () => (await server.get(`/test/${testId}?dataPoints=true`)).json;
  const results: Results = {
    url: server.clientUrl,
    points: async () => (await all()).dataPoints,
    records: async () => {
      const reported = Object.entries((await all()).results ?? {});
      return new Map(reported.map(([peerId, json]) => [peerId, readForm(peerRecordForm, json)]));
    },
    move: (to) => server.put(`/test/${testId}/${to}`),
  };
  const opened = await Promise.all(Array.from({ length: browserCount }, () => openBrowser(flags)));
  const browsers = opened.map((one) => stack.use(one).browser);
  return { lighthouse, page, results, browsers };
}

async function openPeer({ page, lighthouse, results }: Setting, browser: Browser, query: object) {
  const asked = { lighthouseUrl: lighthouse.url, statsServerUrl: results.url, testId, ...query };
  const opened = await openPage(
    browser,
    `${page.url}?${new URLSearchParams(asked as Record<string, string>)}`,
  );
  let polls = 0;
  opened.page.on("response", (response) => {
    if (response.request().method() === "GET" && response.url().endsWith(`/test/${testId}`)) polls++;
  });
  const attribute = (name: string) =>
    opened.page.$eval("html", (html, wanted) => html.getAttribute(wanted), `data-${name}`);
  const become = (name: string, wanted: string) =>
    until(async () => (await attribute(name)) === wanted || undefined, {
      timeoutMs: 60_000,
      everyMs: 50,
      describe: () => `${name} never ${wanted}: ${JSON.stringify(opened.messages)}`,
    });
  const reach = (wanted: string) => become("state", wanted);
  /** polls: how often it asked whether the test is started */
  return { ...opened, attribute, become, reach, polls: () => polls };
}

async function topology({
  lighthouse,
}: Setting): Promise<readonly { id: string; connectedPeers: string[] }[]> {
  const reply = (await (await fetch(`${lighthouse.url}/peers/topology`)).json()) as {
    topology: { id: string; connectedPeers: string[] }[];
  };
  return reply.topology;
}

/** Within 2 %, and a message more or less: the due times of a peer begin anywhere in the first period. */
function expectAbout(count: number, asked: number): void {
  expect(Math.abs(count - asked)).toBeLessThanOrEqual(Math.max(1, 0.02 * asked));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const allConnected = (setting: Setting, count: number) =>
  until(
    async () => {
      const peers = await topology(setting);
      const isWhole = peers.every(({ connectedPeers }) => connectedPeers.length === count - 1);
      return (peers.length === count && isWhole) || undefined;
    },
    { timeoutMs: 60_000, everyMs: 100, describe: () => "peers did not connect to each other" },
  );

test.skipIf(whyNoChromium !== undefined)(
  `three browsers connect, wait for the start, send what the routine asks, and stop ${whyNoChromium ?? ""}`,
  async () => {
    const setting = await open(3);
    const { results } = setting;
    expect(setting.page.library).toMatchObject({ name: "@dcl/catalyst-peer", version: "1.0.14" });
    // Carol goes on when the others have ended, and would hear of what they send then.
    const durations = { alice: 16, bob: 16, carol: 20 };
    const names = ["alice", "bob", "carol"] as const;
    // Bob sends twice as much as the others, who send as usual.
    const timesUsual = { alice: 1, bob: 2, carol: 1 };
    const peers = await Promise.all(
      setting.browsers.map((browser, at) => {
        const peerId = names[at] ?? "alice";
        const rate = timesUsual[peerId] === 1 ? {} : { messagesPerSec: timesUsual[peerId] * 11.1 };
        return openPeer(setting, browser, { peerId, testDuration: durations[peerId], ...rate });
      }),
    );
    await Promise.all(peers.map((peer) => peer.reach("waiting")));
    await allConnected(setting, 3);
    const before = peers.map(({ polls }) => polls());
    await until(() => peers.every(({ polls }, at) => polls() >= (before[at] ?? 0) + 2) || undefined, {
      timeoutMs: 20_000,
      everyMs: 50,
      describe: () => "nobody asks whether the test is started",
    });
    expect(await results.points()).toEqual([]);
    await Promise.all(peers.map((peer) => peer.become("connected", "2")));
    expect(await Promise.all(peers.map((peer) => peer.attribute("peer-id")))).toEqual(names);

    await results.move("start");
    await Promise.all(peers.map((peer) => peer.reach("ended")));
    const points = await results.points();
    const last = (name: string) => {
      const point = points.findLast(({ peerId }) => peerId === name)?.metrics;
      if (point === undefined) throw new Error(`${name} submitted nothing`);
      return { ...point, extra: point.extra } as unknown as Record<string, number> & {
        readonly extra: Record<string, number>;
        readonly connectedPeers: readonly string[];
      };
    };
    const sent = (name: string, kind: string) => last(name).extra[`messagesSent${kind}`] ?? 0;
    for (const name of names) {
      const secs = durations[name];
      const { extra, connectedPeers, ...metrics } = last(name);
      const submitted = points.filter(({ peerId }) => peerId === name);
      expect(submitted).toHaveLength(secs / 2);
      for (const { metrics: one } of submitted) expect(one.sentPerSecond).toBeGreaterThan(0);
      expect(connectedPeers).toHaveLength(2);
      expect(metrics.knownPeersCount).toBe(2);
      const times = timesUsual[name];
      expectAbout(sent(name, "Position"), 10 * times * secs);
      expectAbout(sent(name, "Profile"), times * secs);
      expectAbout(sent(name, "Chat"), (times * secs) / 10);
      // Each message is a packet to each of the two others.
      const messages = sent(name, "Position") + sent(name, "Profile") + sent(name, "Chat");
      expect(metrics.sentTotal).toBe(2 * messages);
      // The connections were open for seconds before. Only chat of peers that saw the start earlier was relayed then.
      const counted = 2 * messages + (metrics.relayedTotal ?? 0);
      expect(extra.webrtcMessagesSent).toBeGreaterThanOrEqual(counted);
      expect(extra.webrtcMessagesSent).toBeLessThanOrEqual(counted + 2);
      expect(extra.webrtcConnections).toBe(2);
      expect(extra.webrtcBytesSent).toBeGreaterThan(metrics.sentTotalBytes ?? 0);
      expect(extra.tickRatePerSec).toBeGreaterThan(0);
      expect([extra.failedSubmissions, extra.refusedMessages]).toEqual([0, 0]);
    }
    for (const kind of kindNames) {
      const received = last("carol").extra[`messagesReceived${kind}`] ?? 0;
      const asked = sent("alice", kind) + sent("bob", kind);
      expect(received).toBeLessThanOrEqual(asked);
      expect(received).toBeGreaterThanOrEqual(0.95 * asked - 1);
    }
    for (const { messages } of peers) expect(messages).toEqual([]);

    const records = await results.records();
    const recordOf = (name: string) => records.get(name) ?? expect.unreachable(`${name} reported nothing`);
    for (const name of names) {
      const record = recordOf(name);
      const { extra } = last(name);
      const others = names.filter((other) => other !== name);
      // Carol still sends when the others listen no longer.
      const share = (other: keyof typeof durations) => Math.min(1, durations[name] / durations[other]);
      const heard = sum(others.map((other) => recordOf(other).sent * share(other)));
      expect(record.delivered).toBeGreaterThanOrEqual(0.98 * heard);
      expect(record.delivered).toBeLessThanOrEqual(sum(others.map((other) => recordOf(other).sent)));
      const received = kindNames.map((kind) => extra[`messagesReceived${kind}`] ?? 0);
      expect(record.delivered + record.repeated).toBe(sum(received));
      expect(record).toMatchObject({
        ...{ routine: "comms", refused: 0, sent: sum(kindNames.map((kind) => sent(name, kind))) },
        ...{ delivered: extra.deliveredMessages, repeated: extra.repeatedMessages },
      });
      expect(record.elapsedMs).toBeGreaterThanOrEqual(1_000 * durations[name]);
      expect(record.elapsedMs).toBeLessThan(1_000 * durations[name] + 2_000);
      expect(record.early + (record.latency?.count ?? 0)).toBe(record.delivered);
      expect(Object.keys(record.kinds).sort()).toEqual(["chat", "position", "profile"]);
      for (const figure of ["sent", "delivered", "repeated"] as const) {
        expect(sum(Object.values(record.kinds).map((kind) => kind[figure]))).toBe(record[figure]);
      }
      // In Carol's last windows nothing arrived.
      const windows = points.filter(({ peerId, metrics }) => peerId === name && metrics.extra.deliveryMaxMs);
      expect(windows.length).toBeGreaterThanOrEqual(8);
      expect(extra.deliveryMaxMs === undefined).toBe(name === "carol");
      for (const { metrics } of windows) {
        expect(metrics.extra.deliveryMeanMs).toBeGreaterThan(0);
        expect(metrics.extra.deliveryMeanMs).toBeLessThanOrEqual(metrics.extra.deliveryMaxMs ?? 0);
      }
    }
  },
);

test.skipIf(whyNoChromium !== undefined)(
  `another version of the library connects, too, and a finished test stops its peers ${whyNoChromium ?? ""}`,
  async () => {
    const setting = await open(2, { peerLibrary: "@dcl/catalyst-peer@1.0.4" });
    const { results } = setting;
    expect(setting.page.library.version).toBe("1.0.4");
    await results.move("start");
    const query = (peerId: string) => ({
      peerId,
      testDuration: 600,
      statsSubmitInterval: 250,
      routine: "walk",
    });
    const [one, other] = setting.browsers.map((browser, at) =>
      openPeer(setting, browser, query(`peer${at}`)),
    );
    const peers = await Promise.all([one, other].filter((peer) => peer !== undefined));
    await Promise.all(peers.map((peer) => peer.reach("running")));
    await allConnected(setting, 2);
    await until(
      async () => {
        const points = await results.points();
        return points.some(({ metrics }) => Number(metrics.extra.messagesReceivedPosition) > 10) || undefined;
      },
      { timeoutMs: 60_000, everyMs: 50, describe: () => "no messages were received" },
    );
    const places = (await results.points()).map(({ metrics }) => JSON.stringify(metrics.position));
    expect(new Set(places).size).toBeGreaterThan(2);
    await results.move("finish");
    await Promise.all(peers.map((peer) => peer.reach("ended")));
  },
);

const beatRoutine = `
export const createRoutine = () => {
  let count = 0;
  return (elapsed, delta, peer) => {
    while (count * 50 <= elapsed) {
      count++;
      peer.send({ name: "beat", isReliable: true }, new Uint8Array(10));
    }
  };
};`;
/** Sends to nobody, and counts. */
const countingLibrary = `
import { families } from "./families.mjs";
export const peerLibrary = {
  async openPeer({ peerId }) {
    let packets = 0;
    return {
      id: peerId,
      async join(layer, room) { if (layer !== "blue" || room !== "room") throw new Error(layer + room); },
      async send() { packets++; },
      keepPosition() {},
      totals: () => Object.fromEntries(families.map((family) => [family, { packets, bytes: 10 * packets }])),
      connectedPeers: () => [],
      knownPeersCount: () => 0,
      async close() {},
    };
  },
};`;

test.skipIf(whyNoChromium !== undefined)(
  `a library and a routine of one's own run in the page; without a test, at once, and nothing is submitted ${whyNoChromium ?? ""}`,
  async () => {
    await using folder = await openTemporaryFolder();
    const file = (name: string) => join(folder.path, name);
    await writeFile(file("beat.mjs"), beatRoutine);
    await writeFile(file("library.mjs"), countingLibrary);
    await writeFile(
      file("families.mjs"),
      'export const families = ["sent", "received", "relayed", "all", "relevant", "duplicate", "expired"];',
    );
    const setting = await open(1, { peerLibrary: file("library.mjs"), routineFiles: [file("beat.mjs")] });
    const { results } = setting;
    const [browser] = setting.browsers;
    if (browser === undefined) throw new Error("no browser");
    const { page, reach, attribute, messages, polls } = await openPeer(setting, browser, {
      ...{ testId: "", peerId: "alone" },
      testDuration: 2,
      routine: "beat",
    });
    await reach("ended");
    expect([await attribute("connected"), await attribute("peer-id")]).toEqual(["0", "alone"]);
    const sent = await page.$eval('[data-figure="sentTotal"]', (cell) => cell.textContent);
    expect(Number(sent)).toBeGreaterThanOrEqual(39);
    expect(Number(sent)).toBeLessThanOrEqual(40);
    expect([(await results.points()).length, polls()]).toEqual([0, 0]);
    const failed = await openPeer(setting, browser, { routine: "toString" });
    await failed.reach("failed");
    expect(await failed.page.$eval("#state", (state) => state.textContent)).toBe(
      "routine: expected one of comms, walk, listen, beat",
    );
    expect(messages).toEqual([]);
  },
);

test("a module that needs Node.js cannot be packed, and the message names what is missing", async () => {
  await using folder = await openTemporaryFolder();
  const peerLibrary = join(folder.path, "library.mjs");
  await writeFile(peerLibrary, 'import "left-pad"; export const peerLibrary = {};');
  const starting = startClientPage({ ...local, cacheDir, env, peerLibrary });
  await expect(starting).rejects.toThrow(/^Cannot pack .*library\.mjs for a browser: .*left-pad/);
});

/** Sweeps through the library on a real CometBFT, four nodes as processes. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Network, NodeConfiguration } from "../../src/contracts/deployment.ts";
import { formatOrigin } from "../../src/core/address.ts";
import { until } from "../../src/core/async.ts";
import { sendHttp } from "../../src/core/http.ts";
import { NotReadyError } from "../../src/deploy/nodes/readiness.ts";
import {
  cometbft,
  createProcessDeployer,
  defaultParameters,
  type EventBody,
  ledgerImbalance,
  type Protocol,
  runSweep,
  type SweepParameters,
  systemClock,
  waitUntilReady,
} from "../../src/index.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../results/temporary-folder.ts";
import { findGoProgram } from "../support/go-programs.ts";

const { path, whyNot } = findGoProgram("cometbft");
const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const parameters: SweepParameters = {
  ...defaults,
  loadsTps: [100],
  durationSecs: 6,
  warmUpSecs: 1,
  drainSecs: 15,
  runtime: "process",
  program: { path },
  protocolOptions: { tuning: "load", logLevel: "info" },
};

async function sweep(
  folder: TemporaryFolder,
  changes: Partial<SweepParameters> = {},
  protocol: Protocol = cometbft,
) {
  const events: EventBody[] = [];
  const deployer = createProcessDeployer({
    nodeBinary: process.execPath,
    stateDir: join(folder.path, "state"),
    env: process.env,
  });
  const { results } = await runSweep(
    { ...parameters, ...changes },
    {
      protocol,
      deployer,
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: (body) => events.push(body),
      clock: systemClock,
      signal: new AbortController().signal,
      run: "0badcafe",
    },
  );
  const [result] = results;
  if (result === undefined) throw new Error("no result");
  return { result, events };
}

/** A network of one, ready. */
async function deployOne(folder: TemporaryFolder): Promise<Network> {
  const signal = new AbortController().signal;
  const emit = () => {};
  const deployer = createProcessDeployer({
    nodeBinary: process.execPath,
    stateDir: join(folder.path, `it's a "state"`),
    env: process.env,
  });
  const plan = cometbft.plan({ nodes: 1, options: {}, program: { path } });
  const network = await deployer.deploy(plan, { run: "0badcafe", cleanup: "remove", emit, signal });
  try {
    await waitUntilReady(network, cometbft, { timeoutMs: 30_000, signal, emit, clock: systemClock });
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

/** The first message that comes back. */
async function overWebSocket(url: string, message: string): Promise<string> {
  const socket = new WebSocket(url);
  const reply = new Promise<string>((resolve, reject) => {
    socket.onopen = () => socket.send(message);
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onerror = () => reject(new Error(`${url} does not take WebSockets`));
  });
  try {
    return await reply;
  } finally {
    socket.close();
  }
}

/** Whether a line of metrics is of a name, or of one that begins so and ends in "*". */
function isOf(wanted: string, line: string): boolean {
  if (wanted.endsWith("*")) return line.startsWith(wanted.slice(0, -1));
  return line.startsWith(`${wanted} `) || line.startsWith(`${wanted}{`);
}

/** One node is given another file than the adapter made for it. */
function withOtherFile(index: number, file: string, change: (content: string) => string): Protocol {
  return {
    ...cometbft,
    plan: (request) => {
      const { groups, ...rest } = cometbft.plan(request);
      const changed = (configuration: NodeConfiguration): NodeConfiguration => ({
        ...configuration,
        files: configuration.files.map((each) =>
          each.path === file ? { ...each, content: change(each.content) } : each,
        ),
      });
      return {
        ...rest,
        groups: groups.map((group) => ({
          ...group,
          configure: (node, view) => {
            const configuration = group.configure(node, view);
            return node.index === index ? changed(configuration) : configuration;
          },
        })),
      };
    },
  };
}

describe.skipIf(whyNot !== undefined)(`a real CometBFT ${whyNot ?? ""}`, () => {
  test("replies in the bytes that are known as its acceptance, holds its limits, and shows what is kept of its counters", async () => {
    await using folder = await makeTemporaryFolder();
    await using network = await deployOne(folder);
    const origin = formatOrigin("http", network.endpoint("node0", "coordinator", "rpc"));
    const { submission, transactions, metrics } = cometbft;
    const bodyOf = (sequence: number) =>
      submission.body(transactions.encode({ run: 1, client: 0, sequence }, 100, 1), sequence);
    const post = (body: string) =>
      sendHttp(origin, { method: "POST", path: submission.path, body, timeoutMs: 5000 });
    const single = await post(bodyOf(1));
    const bytes = Buffer.from(single.body);
    expect(submission.isUsualAcceptance?.(bytes, { start: 0, end: bytes.length }, 1), single.body).toBe(true);
    const message = Buffer.from(await overWebSocket(`${origin.replace("http", "ws")}/websocket`, bodyOf(2)));
    const range = { start: 0, end: message.length };
    expect(submission.isUsualAcceptance?.(message, range, 2), message.toString()).toBe(true);
    const again = await post(bodyOf(1));
    expect(submission.classify(again.status, again.body, 1)).toMatchObject({
      reason: expect.stringContaining("tx already exists in cache"),
    });
    const batch = await post(`[${Array.from({ length: 11 }, (_, index) => bodyOf(3 + index)).join(",")}]`);
    expect(submission.batch?.split(batch.status, batch.body)).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/maximum \(10\).*give a smaller --batch-size/),
    });
    // Those of peers, and of what went wrong, are not there without any; of the others each comes, so none is misspelt.
    const rare = /_p2p_|_late_votes|_(failed|rejected|evicted)_txs|_recheck_times/;
    const expected = metrics?.keep.filter((name) => !rare.test(name)) ?? [];
    const counters = formatOrigin("http", network.endpoint("node0", "coordinator", "metrics"));
    let missing = expected;
    const isComplete = async () => {
      const path = metrics?.path ?? "";
      const { body } = await sendHttp(counters, { method: "GET", path, timeoutMs: 5000 });
      const lines = body.split("\n");
      missing = expected.filter((wanted) => !lines.some((line) => isOf(wanted, line)));
      return missing.length === 0 ? true : undefined;
    };
    const settings = {
      timeoutMs: 20_000,
      everyMs: 100,
      describe: () => `${missing.join(", ")} are not shown`,
    };
    expect(await until(isComplete, settings)).toBe(true);
  });

  test.each([
    ["http", 1],
    ["http-batch", 10],
    ["websocket", 1],
  ] as const)("takes 100 tx/s by %s, and every one is seen in a block", async (kind, batchSize) => {
    await using folder = await makeTemporaryFolder();
    const transport = { kind, inFlightPerConnection: 1, batchSize };
    const { result, events } = await sweep(folder, { transport });
    expect(ledgerImbalance(result.ledger)).toBeUndefined();
    expect(result.verdict.status, result.verdict.reasons.join()).not.toBe("invalid");
    expect(result.ledger.sent.acknowledged).toEqual({ committed: 600, notSeen: 0 });
    expect(result.efficiencyRatio).toBeGreaterThan(0.95);
    expect(result.latency.commit).toMatchObject({ count: 600, censored: 0 });
    expect(result.safety).toMatchObject({
      forks: [],
      notAsked: [],
      prefix: { chained: true, nodes: ["node0", "node1", "node2", "node3"] },
    });
    expect(result.safety?.comparedHeights).toBeGreaterThan(20);
    // By subscription alone, without a gap.
    expect(events.filter(({ type }) => type.startsWith("observer-"))).toEqual([]);
  });

  test("goes on with one node killed, as its adapter says", async () => {
    await using folder = await makeTemporaryFolder();
    const { result } = await sweep(folder, { faults: 1, failover: true, durationSecs: 8 });
    expect(ledgerImbalance(result.ledger)).toBeUndefined();
    expect(result.verdict.status, result.verdict.reasons.join()).not.toBe("invalid");
    expect(result.segments.at(-1)?.nodesDown).toHaveLength(1);
    // What the dead node had taken and not told the others of is lost with it.
    expect(result.successful).toBeGreaterThan(0.95 * 800);
    expect(result.safety?.forks).toEqual([]);
    expect(result.safety?.prefix?.nodes).toHaveLength(3);
  });

  test.each([
    {
      other: "chain",
      change: (genesis: string) => genesis.replace(/"baleen-[0-9a-f]+"/, '"another-chain"'),
      state: "0 of 3 peers",
      said: /another-chain/,
    },
    {
      other: "set of validators",
      change: (genesis: string) => genesis.replace('"power": "1"', '"power": "2"'),
      state: "height stuck",
      // It depends on who proposes first.
      said: /Ensure the genesis file is correct across all validators|wrong Block.Header.ValidatorsHash/,
    },
  ])(
    "with another $other in one node's genesis is never ready: the error has that node and its log, and nothing is left",
    async ({ change, state, said }) => {
      await using folder = await makeTemporaryFolder();
      const protocol = withOtherFile(2, "config/genesis.json", change);
      const failed = await sweep(folder, { startupWaitSecs: 10 }, protocol).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(NotReadyError);
      const { states, logs } = failed as NotReadyError;
      expect(states.node2).toContain(state);
      expect(logs.node2).toMatch(said);
      expect(await readdir(join(folder.path, "state", "runs"))).toEqual([]);
    },
  );
});

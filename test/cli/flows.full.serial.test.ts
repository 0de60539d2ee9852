/** Networks under test on plain processes: one that hands over, one that does not, and their packets in dumps. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openSetting } from "./setting.ts";

const run = promisify(execFile);
const programs = [
  "/usr/sbin/babeld",
  "/usr/sbin/bird",
  "/usr/bin/tcpdump",
  "/usr/bin/tshark",
  "/usr/bin/iperf3",
];
const missing = programs.filter((path) => !existsSync(path));
const whyNot =
  missing.length === 0
    ? undefined
    : `(SKIPPED: there is no ${missing.join(", ")}; npm run test:full installs babeld, bird2, tcpdump, tshark and iperf3 as root on Debian or Ubuntu)`;

const scenario = `
name: scenario
flows:
  - { name: talk, from: node0, to: node1, rate: 100/s, size: 200B, reflect: true }
  - { name: notes, from: node0, to: node2, kind: tcp, rate: 20/s, size: 2kB, reflect: true }
  - { name: bulk, from: node2, to: node1, kind: iperf3 }
networks: { babel: babel, bird: bird, static: static }
capture: [node1.link0]
`;
const links = "default: { delay: 5ms, rate: 20mbit }\n";
const timeline = "- { at: 5s, set: { down: true }, links: { between: [node0, node1] } }\n";

interface Flow {
  readonly name: string;
  readonly packets?: { readonly sent: number; readonly received: number; readonly lost: number };
  readonly intervals?: readonly unknown[];
  readonly longest_gap_ms: number;
}

async function measure(network: string) {
  await using setting = await openSetting();
  const at = (name: string) => join(setting.home, name);
  await writeFile(at("scenario.yaml"), scenario);
  await writeFile(at("links.yaml"), links);
  await writeFile(at("timeline.yaml"), timeline);
  const files = ["--protocol=./scenario.yaml", "--links=links.yaml", "--timeline=timeline.yaml"];
  const lengths = ["--duration=25", "--warm-up=2", "--loads=10", "--committee=3", "--runtime=process"];
  const option = `--protocol-option=network=${network}`;
  const { code, stderr } = await setting.start("benchmark", [...files, ...lengths, option], {
    longestMs: 170_000,
  }).ended;
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  const bundle = await setting.bundle();
  const verified = await setting.start("baleen", ["verify", bundle]).ended;
  expect([verified.code, verified.code === 0 ? "" : verified.stdout]).toEqual([0, ""]);
  const result = JSON.parse(await readFile(join(bundle, "local_native_1_10txs.json"), "utf8"));
  const { flows } = result.results;
  const dump = join(bundle, flows.captures[0].file);
  const counted = async (filter: string) => {
    const { stdout } = await run("tshark", ["-r", dump, "-Y", filter], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.split("\n").filter((line) => line !== "").length;
  };
  // Until a moment at which the link is down, so that no packet is near it.
  const untilMs = Date.parse(result.timestamp) + 15_000;
  const events = (await readFile(join(bundle, "peer-events-1.ndjson"), "utf8")).trim().split("\n");
  const arrived = events
    .map((line) => JSON.parse(line))
    .filter(
      ({ type, node, flow, way }) =>
        type === "received" && node === "node1" && flow === "talk" && way === "forth",
    )
    .flatMap(({ at, packets }) =>
      packets.filter(([, us]: [number, number]) => at + us / 1000 < untilMs),
    ).length;
  const dumped = await counted(`udp.dstport == 27000 && frame.time_epoch < ${untilMs / 1000}`);
  await setting.expectNothingLeft();
  const flowOf = (name: string) =>
    flows.flows.find((one: Flow) => one.name === name) as Flow & Record<string, never>;
  return { flows, flowOf, verdict: result.verdict, arrived, dumped };
}

describe.skipIf(whyNot !== undefined)(`a link that is cut ${whyNot ?? ""}`, () => {
  test.each(["babel", "bird"])(
    "%s hands over to the other way, and its stages are found",
    async (network) => {
      const { flows, flowOf, verdict } = await measure(network);
      expect(verdict).toMatchObject({ status: expect.stringMatching(/^valid|generator-limited$/) });
      const handover = flows.handovers.find(({ after = [] }: { after?: string[] }) => after.length === 3);
      expect(handover).toMatchObject({
        flow: "talk",
        before: ["node0", "node1"],
        after: ["node0", "node2", "node1"],
        crossing_secs: 5,
      });
      expect(handover.switched_secs).toBeGreaterThan(handover.crossing_secs);
      expect(handover.recovered_secs).toBeGreaterThanOrEqual(handover.switched_secs);
      expect(handover.interruption_ms).toBeGreaterThan(500);
      const talk = flowOf("talk");
      expect(talk.packets?.received).toBeGreaterThan(1000);
      expect(flowOf("notes").packets?.lost).toBeLessThan(20);
      expect(flowOf("bulk").intervals?.length).toBeGreaterThan(10);
    },
  );

  test("routes that stay lose all that goes there, and the dump has as many packets as the record", async () => {
    const { flows, flowOf, arrived, dumped } = await measure("static");
    expect(flows.handovers ?? []).toEqual([]);
    const { sent = 0, lost = 0 } = flowOf("talk").packets ?? {};
    // 20 of 25 s.
    expect(lost / sent).toBeGreaterThan(0.75);
    expect(lost / sent).toBeLessThan(0.85);
    expect(flowOf("talk").longest_gap_ms).toBeGreaterThan(19_000);
    expect(dumped).toBeGreaterThan(400);
    expect(dumped).toBe(arrived);
  });
});

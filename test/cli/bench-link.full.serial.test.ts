/** The bench of a link: programs of the user, and networks that are held against plain IP. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openSetting } from "./setting.ts";

const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/bench-link/${name}`, import.meta.url));
const run = promisify(execFile);
const missing = ["/usr/bin/iperf3", "/usr/bin/socat", "/usr/bin/tcpdump"].filter((path) => !existsSync(path));
const whyNot =
  missing.length === 0
    ? undefined
    : `(SKIPPED: there is no ${missing.join(", ")}; npm run test:full installs iperf3, socat and tcpdump as root on Debian or Ubuntu)`;

/** With the networks of the example. */
const talk = "  - { name: talk, from: node0, to: node1, rate: load, size: 1000B, reflect: true }\n";

describe.skipIf(whyNot !== undefined)(`one link ${whyNot ?? ""}`, () => {
  test("a native program is within 10 % of plain IP, a narrow overlay is not, and the command says so", async () => {
    await using setting = await openSetting();
    const networks = "--vary=protocol.network=reference,native,narrow";
    const short = ["--loads=800", "--duration=5", "--runs=4", "--output-dir=benchmarks"];
    const { code, stdout, stderr } = await setting.start(
      "benchmark",
      ["--config", example("bench.yaml"), networks, ...short],
      { longestMs: 900_000 },
    ).ended;
    expect([code, code === 3 ? "" : stderr]).toEqual([3, ""]);
    expect(stdout).toContain("Against protocol.network=reference:");
    const folder = await setting.bundle();
    const { baseline, assertions } = JSON.parse(await readFile(join(folder, "variation.json"), "utf8"));
    expect(baseline).toBe("protocol.network=reference");
    expect(assertions).toMatchObject([
      { bundle: "protocol.network=native", load: 800, assertion: "goodput>-10%", passed: true },
      { bundle: "protocol.network=narrow", load: 800, assertion: "goodput>-10%", passed: false },
    ]);
    const [native, narrow] = assertions;
    expect(native.ratio_confidence_95.low).toBeGreaterThan(0.9);
    // 3.5 of 5 Mbit/s.
    expect(narrow.ratio).toBeLessThan(0.8);
    for (const command of [
      ["verify", folder],
      ["show", folder],
    ]) {
      const { code: good } = await setting.start("baleen", command).ended;
      expect(good).toBe(0);
    }
    const reported = await setting.start("baleen", ["report", folder]).ended;
    expect(reported.code).toBe(3);
    await setting.expectNothingLeft();
  }, 960_000);

  test("a native program that loses 7 packets and doubles 2 in a network namespace is found to have done just that", async () => {
    await using setting = await openSetting();
    const { code, stderr } = await setting.start(
      "benchmark",
      [
        ...["--protocol", example("check.yaml"), "--committee=2", "--runtime=process"],
        ...["--loads=200", "--duration=5", "--cleanup-thorough"],
      ],
      { longestMs: 170_000 },
    ).ended;
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const document = await readFile(join(await setting.bundle(), "local_native_1_200txs.json"), "utf8");
    const { flows, interfaces } = JSON.parse(document).results.flows;
    expect(flows[0].packets).toMatchObject({ sent: 1000, lost: 7, duplicated: 2, unknown: 0 });
    // Packets of 500 bytes and their heads, 995 of them and some of others.
    const [sent] = interfaces.filter(({ host }: { readonly host: string }) => host === "node0");
    expect(sent.sent_packets).toBeGreaterThanOrEqual(995);
    expect(sent.sent_packets).toBeLessThan(1100);
    await setting.expectNothingLeft();
  });

  test("flows go through a tun device, whose packets a program sends over the link", async () => {
    await using setting = await openSetting();
    const networks = (await readFile(example("network.yaml"), "utf8")).split(/^(?=networks:$)/m)[1];
    const file = join(setting.home, "tun.yaml");
    // Without programs beside the description, which is elsewhere now.
    const text = `name: tun\nflows:\n${talk}${networks?.replace(/^ {2}native:\n(?: {4}.*\n)*/m, "")}capture: [node1.link0]\n`;
    await writeFile(file, text);
    const { code, stderr } = await setting.start(
      "benchmark",
      [
        ...["--protocol", file, "--protocol-option=network=tunnel", "--committee=2", "--runtime=process"],
        ...["--loads=50", "--duration=5", "--cleanup-thorough"],
      ],
      { longestMs: 170_000 },
    ).ended;
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const document = await readFile(join(await setting.bundle(), "local_native_1_50txs.json"), "utf8");
    const { flows, captures } = JSON.parse(document).results.flows;
    const { sent, received, returned } = flows[0].packets;
    expect(sent).toBeGreaterThan(200);
    expect(Math.min(received, returned)).toBeGreaterThan(0.95 * sent);
    // What passes the link are datagrams of the overlay, there and back.
    const dump = join(await setting.bundle(), captures[0].file);
    const { stdout } = await run("tcpdump", ["-n", "-r", dump, "udp dst port 7000"]);
    expect(stdout.split("\n").length).toBeGreaterThan(1.9 * sent);
    await setting.expectNothingLeft();
  });
});

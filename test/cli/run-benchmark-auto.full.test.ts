/** run_benchmark_auto.sh as a pipeline has it: in a container without a terminal, an engine, or a network. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureHostImage } from "../../src/deploy/testbed/image.ts";
import { docker, dockerCommand, testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const patient = { timeout: 400_000 };

describe.skipIf(whyNoTestHosts !== undefined)(`in a container ${whyNoTestHosts ?? ""}`, patient, () => {
  /** A bare Debian, for its shell. */
  let image: string;

  beforeAll(async () => {
    const { engine, env } = docker();
    const signal = AbortSignal.timeout(testHostsLimitMs);
    image = await ensureHostImage({ engine, env, docker: false, signal, onStep: () => {} });
  }, testHostsLimitMs);

  /** The project and this Node.js lie there read-only, the project below a name with blanks and quotes. */
  async function run(...args: string[]) {
    const place = `/srv/it's "our" project`;
    const name = `baleen-test-auto-${randomBytes(4).toString("hex")}`;
    const mount = (source: string, target: string) => ["--volume", `${source}:${target}:ro`];
    const words = [
      ...["run", "--rm", "--name", name, "--network=none", "--user=ubuntu", "--workdir=/tmp"],
      ...mount(root, place),
      ...mount(process.execPath, "/usr/local/bin/node"),
      ...["--entrypoint", `${place}/examples/run_benchmark_auto.sh`, image, ...args],
    ];
    const child = spawn("docker", words, { env: docker().env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += String(text);
    });
    child.stderr.on("data", (text) => {
      stderr += String(text);
    });
    const [code] = (await once(child, "close")) as [number];
    expect(await dockerCommand("ps", "-aq", "--filter", `name=${name}`)).toBe("");
    return { code, stdout, stderr };
  }

  const short = ["--local-committee", "5", "--local-loads", "20,30", "--duration", "1", "--warm-up", "0"];

  test("0: it is good, and standard output is the results alone", async () => {
    const { code, stdout, stderr } = await run(...short, "--transaction-size", "100", "--json");
    expect([code, stderr.match(/^error: .*/gm)]).toEqual([0, null]);
    expect(JSON.parse(stdout)).toMatchObject({
      finished_runs: 2,
      runs: [
        { network_type: "local", parameters: { nodes: 5, load: 20, duration: 1, transaction_size: 100 } },
        { parameters: { load: 30 } },
      ],
    });
  });

  test("1: the run fails, here for a network that is never ready", async () => {
    const never = ["--startup-wait=1", "--min-round-delay=60000", "--leader-timeout=60000"];
    const { code, stderr } = await run(...short, ...never);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*not ready/m);
  });

  test("2: every fault is told, and nothing is started", async () => {
    const { code, stdout, stderr } = await run("--local-comittee", "4", "--duration", "long");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      "error: --local-comittee: no such option. Did you mean --local-committee?",
      expect.stringMatching(/^error: --duration: "long" is not a number\./),
    ]);
  });

  test("3: a threshold does not hold", async () => {
    const { code, stdout } = await run(...short, "--assert", "commit.p99<1us", "--no-file-output");
    expect(code).toBe(3);
    expect(stdout).toContain("ASSERTIONS");
  });

  test.each(["--help", "-h"])("%s shows its own help", async (flag) => {
    const { code, stdout, stderr } = await run("--duration", "long", flag);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: run_benchmark_auto\.sh \[options\]\n/);
  });
});

/** What cannot be done as asked: one line for each reason, all at once, exit 2, and nothing is started. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mountDisk, noMountReason } from "../results/temporary-folder.ts";
import { someOf } from "../support/some-of.ts";
import { expectRefusal } from "./refusal.ts";
import { noEngine, openSetting } from "./setting.ts";

const loadsRemedy =
  "Give numbers of tx/s above 0 and up to 1,000,000, separated by single commas, such as 100,200,500.";
const secondsRemedy = "Give a number of seconds above 0 and up to 604,800.";
const committeeRemedy =
  "a committee of at least 4 tolerates 1. Use more nodes, or pass --allow-no-faults to continue.";

const rows: readonly [args: string, ...reasons: string[]][] = [
  ["--lods=5", "--lods: no such option. Did you mean --loads?"],
  ["100,200", '"100,200": an argument without an option. Put --NAME before it, or remove it; see --help.'],
  ["--loads=100,,200", `--loads: item 2 of "100,,200" is empty. ${loadsRemedy}`],
  [
    "--faults=2",
    "--faults: 2 is more than the f = 1 crashed nodes that a committee of 4 tolerates; without a quorum nothing commits. Use at most 1, or a committee of at least 7, or pass --allow-no-quorum to continue.",
  ],
  [
    "--hosts=hosts.env",
    "--hosts hosts.env: ENOENT: no such file or directory, open 'hosts.env'. Use a readable hosts file; hosts.example.env is an example.",
    "--hosts: a local network has no hosts. Add --network-type remote, or remove it.",
  ],
  ["--quiet --verbose", "--quiet and --verbose contradict each other. Use one of them."],
  ["--duraton 5", "--duraton: no such option. Did you mean --duration?"],
  ["--cleanup-thorogh", "--cleanup-thorogh: no such option. Did you mean --cleanup-thorough?"],
  ["--frobnicate", "--frobnicate: no such option. See --help."],
  ["--loads=abc", `--loads: "abc" is not a number. ${loadsRemedy}`],
  ["--loads=-5", `--loads: -5 is not above 0. ${loadsRemedy}`],
  ["--loads -5", `--loads: -5 is not above 0. ${loadsRemedy}`],
  ["--loads=0", `--loads: 0 is not above 0. ${loadsRemedy}`],
  ["--loads=1e9", `--loads: 1e9 is above the maximum of 1,000,000 tx/s. ${loadsRemedy}`],
  ["--local-loads=100,", `--local-loads: item 2 of "100," is empty. ${loadsRemedy}`],
  ["--duration=0", `--duration: 0 is not above 0. ${secondsRemedy}`],
  ["--duration", `--duration: its value is missing. ${secondsRemedy}`],
  [
    "--transaction-size=17",
    "--transaction-size: 17 is below the minimum of 18 bytes. Give a whole number of bytes from 18 to 749,904.",
  ],
  [
    "--transaction-size=749905",
    "--transaction-size: 749905 is above the maximum of 749,904 bytes. Give a whole number of bytes from 18 to 749,904.",
  ],
  ["--committee=1", `--committee: 1 node tolerates f = 0 faults; ${committeeRemedy}`],
  ["--committee=2", `--committee: 2 nodes tolerate f = 0 faults; ${committeeRemedy}`],
  ["--committee=3", `--committee: 3 nodes tolerate f = 0 faults; ${committeeRemedy}`],
  ["--runtime=dokcer", '--runtime: "dokcer" is not a known value. Give auto, docker or process.'],
  [
    "--docker-compose-path=any.yml",
    "--docker-compose-path and --runtime process exclude each other: plain processes do not use a compose file. Remove one of them.",
  ],
  [
    "--faults=5 --allow-no-quorum",
    "--faults: 5 nodes are more than the committee of 4. Use at most 1, or a larger committee.",
  ],
  [
    "--crash-recovery",
    "--crash-recovery: no node crashes, so none can recover. Set the number with --faults, or remove it.",
  ],
  [
    "--faults=1 --crash-recovery --duration=30",
    "--crash-recovery: nodes that recover after 60 s do not recover within a window of 30 s. Use a --crash-interval below 30, or a longer window.",
  ],
  [
    "--cleanup=perhaps",
    '--cleanup: "perhaps" is neither true nor false. Give true or false (yes, no, 1 and 0 mean the same).',
  ],
  [
    "--config=none.yaml",
    "--config none.yaml: ENOENT: no such file or directory, open 'none.yaml'. Use a readable YAML file.",
  ],
];

someOf(rows, 6, { concurrent: true })("benchmark %s", async (args, ...reasons) => {
  await using setting = await openSetting();
  await expectRefusal(
    setting,
    ["benchmark", ...args.split(" ")],
    reasons.map((reason) => `error: ${reason}`),
  );
});

test("every fault of command line, environment, file and machine at once", async () => {
  await using setting = await openSetting();
  await writeFile(join(setting.home, "file"), "");
  await writeFile(join(setting.home, "sweep.yaml"), "duration: 0\ncomittee: 7\n");
  const argv = [
    "benchmark",
    "--loads=100,,x",
    "--lods",
    "5",
    "--committee=3",
    "--transaction-size=1",
  ] as const;
  await expectRefusal(
    setting,
    [...argv, "--output-dir=file/below", "--config=sweep.yaml"],
    [
      "error: --lods: no such option. Did you mean --loads?",
      "error: BALEEN_LAODS: no such environment variable. Did you mean BALEEN_LOADS?",
      "error: comittee in sweep.yaml:2: no such option. Did you mean committee?",
      /^error: --committee: 3 nodes tolerate f = 0 faults;/,
      /^error: duration in sweep\.yaml:1: 0 is not above 0\./,
      'error: --loads: item 2 of "100,,x" is empty. Give numbers of tx/s above 0 and up to 1,000,000, separated by single commas, such as 100,200,500.',
      /^error: --loads: item 3, "x", is not a number\./,
      /^error: --transaction-size: 1 is below the minimum of 18 bytes\./,
      /^error: No Docker engine answers at /,
      /^error: Cannot write .*file\/below: a part of the path is a file, not a folder\./,
    ],
    { env: { BALEEN_LAODS: "5", BALEEN_RUNTIME: "docker" } },
  );
});

test("local-network has options of its own", async () => {
  await using setting = await openSetting();
  await expectRefusal(
    setting,
    ["local-network", "--transaction-rate=0", "--num-transactions=1.5", "--loads=100"],
    [
      "error: --loads: no such option. Did you mean --loss?",
      /^error: --transaction-rate: 0 is not above 0\./,
      /^error: --num-transactions: 1\.5 is not a whole number/,
    ],
  );
});

test("hosts whose names would do harm in a shell are refused, and nothing of them is run", async () => {
  await using setting = await openSetting();
  const file = [
    "MYSTICETI_NODE0_HOST=$(touch done)",
    "MYSTICETI_NODE1_HOST='a;touch done'",
    'MYSTICETI_NODE2_HOST="a\\ntouch done"',
    "MYSTICETI_NODE2_SSH_USER=`touch done`",
    "MYSTICETI_NODE3_HOST=-oProxyCommand=touch",
    "",
  ];
  await writeFile(join(setting.home, "hosts.env"), file.join("\n"));
  const refused = (key: string, line: number, shown: string) =>
    `error: MYSTICETI_${key} in hosts.env:${line}: "${shown}" cannot be used. Give `;
  const { code, stderr } = await setting.start("baleen", ["hosts", "check", "--hosts=hosts.env"]).ended;
  const lines = stderr.trimEnd().split("\n");
  expect([code, lines]).toEqual([
    2,
    [
      expect.stringContaining(refused("NODE0_HOST", 1, "$(touch done)")),
      expect.stringContaining(refused("NODE1_HOST", 2, "a;touch done")),
      expect.stringContaining(refused("NODE2_HOST", 3, "a\\ntouch done")),
      expect.stringContaining(refused("NODE2_SSH_USER", 4, "`touch done`")),
      expect.stringContaining(refused("NODE3_HOST", 5, "-oProxyCommand=touch")),
    ],
  ]);
  expect(await readdir(setting.home)).toEqual(["hosts.env"]);
});

test("the umbrella without a command, and with a misspelt one", async () => {
  await using setting = await openSetting();
  await expectRefusal(
    setting,
    ["baleen", "benchmrk"],
    ['error: "benchmrk": no such command. Did you mean benchmark?'],
  );
  const { code, stderr } = await setting.start("baleen", []).ended;
  expect([code, stderr]).toEqual([2, expect.stringMatching(/benchmark[\s\S]*local-network[\s\S]*clean/)]);
});

describe("the output folder", () => {
  test("is a file", async () => {
    await using setting = await openSetting();
    await writeFile(join(setting.home, "benchmarks.txt"), "mine\n");
    await expectRefusal(
      setting,
      ["benchmark", "--output-dir=benchmarks.txt"],
      [/^error: Cannot write .*benchmarks\.txt: a part of the path is a file, not a folder\. /],
    );
  });

  test("is on a read-only file system", { tags: "full" }, async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("ro");
    await using setting = await openSetting();
    for (const path of [disk.path, join(disk.path, "a", "b")]) {
      await expectRefusal(
        setting,
        ["benchmark", `--output-dir=${path}`],
        [
          `error: Cannot write ${path}: the file system is read-only. Use another folder with --output-dir, or fix this.`,
        ],
      );
    }
  });

  test("is not ours to write", async (context) => {
    if (process.getuid?.() === 0) context.skip("root may write everywhere");
    await using setting = await openSetting();
    await mkdir(join(setting.home, "theirs"), { mode: 0o500 });
    await expectRefusal(
      setting,
      ["benchmark", "--output-dir=theirs"],
      [/^error: Cannot write .*theirs: permission denied\. /],
    );
  });
});

describe("Docker asked for, and none there", () => {
  const reason = `error: No Docker engine answers at ${noEngine} (DOCKER_HOST). Start it (Linux: sudo systemctl start docker; macOS: open -a Docker), install it (https://docs.docker.com/engine/install/), or use --runtime process.`;
  test("--runtime=docker", async () => {
    await using setting = await openSetting();
    await expectRefusal(setting, ["benchmark", "--runtime=docker"], [reason]);
  });

  test("by a compose file, which is missing too: both are told", { tags: "full" }, async () => {
    await using setting = await openSetting();
    await expectRefusal(
      setting,
      ["benchmark", "--runtime=auto", "--docker-compose-path=my.yml"],
      [reason, /^error: Compose file .*my\.yml does not exist\. /],
    );
  });

  test("not asked for: plain processes, and it is said so", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const args = ["--loads=50", "--duration=1", "--warm-up=0"];
    const env = { BALEEN_RUNTIME: "auto" };
    const { code, stdout, stderr } = await setting.start("benchmark", args, { env }).ended;
    expect(code).toBe(0);
    expect(stderr).toContain(
      `warning: The nodes run as plain processes. No Docker engine answers at ${noEngine}`,
    );
    expect(stdout).toContain(`Runtime: process (No Docker engine answers at ${noEngine}`);
    await setting.expectNothingLeft();
  });
});

test("a second orchestrator is refused, and the first one is named and goes on", {
  tags: "full",
}, async () => {
  await using setting = await openSetting();
  const first = setting.start("local-network", ["--num-transactions=300", "--transaction-rate=100"]);
  await first.says("warming up");
  const { code, stdout, stderr } = await setting.start("benchmark", ["--loads=50"]).ended;
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    new RegExp(
      `^error: Another run is under way on this machine: \\w+, process ${first.pid} \\(.*local-network.*\\), since .*Z\\. Wait for it or stop it with: kill ${first.pid}\\n$`,
    ),
  );
  expect(await readdir(setting.home)).toEqual(["state"]);
  expect((await first.ended).code).toBe(0);
  await setting.expectNothingLeft();
});

test("a committee that tolerates no fault runs where that is allowed", { tags: "full" }, async () => {
  await using setting = await openSetting();
  const args = ["--committee=2", "--allow-no-faults", "--loads=50", "--duration=1", "--warm-up=0"];
  const { code, stdout } = await setting.start("benchmark", args).ended;
  expect(code).toBe(0);
  expect(stdout).toContain("NETWORK: 2 nodes, ");
  await setting.expectNothingLeft();
});

import { describe, expect, test } from "vitest";
import { runHosts } from "../../../../src/cli/commands/hosts/hosts.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { HostLeftovers, HostReport } from "../../../../src/contracts/hosts/host-report.ts";
import { runAlone } from "../../command-setting.ts";

const file = "MYSTICETI_NODE0_HOST=10.0.1.10\nMYSTICETI_NODE1_HOST=10.0.1.11\n";
const address = (index: number) => `ubuntu@10.0.1.1${index}:22`;
const facts = (docker: string) =>
  [
    ["System", "Debian 12"],
    ["Docker", docker],
  ] as const;
const unreachable = {
  code: "host-refused",
  message: "Cannot reach host1 (ubuntu@10.0.1.11:22): refused.\x1b[2J",
} as const;

/** Two hosts: the first lacks Docker until it is prepared, the second can be away. */
function twoHosts({ away = false, left = [] as HostLeftovers["runs"], docker = "-", blocked = "" } = {}) {
  const runs = [...left];
  const images = new Set(["baleen/validator:1"]);
  const report = (): HostReport[] => [
    {
      name: "host0",
      address: address(0),
      facts: facts(docker),
      diagnostics:
        docker === "-" ? [{ code: "host-docker-old", message: "host0: no Docker. Run prepare." }] : [],
      notes: [],
      steps: [],
    },
    {
      name: "host1",
      address: address(1),
      facts: away ? [] : facts("20.10"),
      diagnostics: away ? [unreachable] : [],
      notes: away ? [] : ["host1: its clock is not synchronized."],
      steps: [],
    },
  ];
  const room: CommandBackend["hosts"] = {
    probe: async () => [],
    check: async (remote, { onStep }) => {
      for (const { name } of remote.hosts) onStep(name, "connecting", "10.0.1.1x");
      return report();
    },
    checkCommittee: async () => ({
      hosts: report(),
      diagnostics: blocked === "" ? [] : [{ code: "hosts-unreachable", message: blocked }],
      notes: ["host0: busy."],
    }),
    prepare: async () => {
      docker = "20.10";
      const steps = ["installed docker.io", "started the engine"];
      return report().map((one, index) => ({ ...one, steps: index === 0 ? steps : [] }));
    },
    openNodes: async () => ({
      look: async () => ({ nodes: [], diagnostics: [] }),
      [Symbol.asyncDispose]: async () => {},
    }),
    leftovers: async () => [
      { name: "host0", address: address(0), runs: [...runs], images: [...images], diagnostics: [] },
      { name: "host1", address: address(1), runs: [], images: [], diagnostics: away ? [unreachable] : [] },
    ],
    remove: async (_, what) => {
      const removed = runs.filter(({ run }) => what.runs.includes(run)).map(({ run }) => run);
      runs.splice(0, runs.length, ...runs.filter(({ run }) => !removed.includes(run)));
      const gone = what.images ? [...images] : [];
      if (what.images) images.clear();
      return [{ name: "host0", runs: removed, images: { removed: gone, inUse: [] }, diagnostics: [] }];
    },
  };
  return { room, runs };
}

const hosts = (argv: readonly string[], room: CommandBackend["hosts"], settings = {}) =>
  runAlone(argv, { command: runHosts, name: "hosts", backend: { hosts: room }, settings, file });

const left: HostLeftovers["runs"] = [
  { run: "dead1", inUse: false, what: ["container node0 (exited)"] },
  { run: "alive", inUse: true, what: ["container node0 (running)"] },
];

describe("hosts check", () => {
  test("shows each host, what is wrong, and how many are ready", async () => {
    expect(await hosts(["check", "--hosts=h.env"], twoHosts().room)).toEqual({
      code: 1,
      stderr: "host0: connecting (10.0.1.1x)\nhost1: connecting (10.0.1.1x)\n",
      stdout: `
Host  Address             System    Docker State
--------------------------------------------------
host0 ubuntu@10.0.1.10:22 Debian 12 -      1 fault
host1 ubuntu@10.0.1.11:22 Debian 12 20.10  ready

  host0: no Docker. Run prepare.

  note: host1: its clock is not synchronized.

1 of 2 hosts ready.
`,
    });
  });

  test("a host that cannot be reached has no facts, and nothing of it disturbs the terminal", async () => {
    const { code, stdout } = await hosts(["check", "--hosts=h.env"], twoHosts({ away: true }).room);
    expect(code).toBe(1);
    expect(stdout).toContain("host1 ubuntu@10.0.1.11:22 -         -      1 fault\n");
    expect(stdout).toContain("\n  Cannot reach host1 (ubuntu@10.0.1.11:22): refused.\\u001b[2J\n");
    expect(stdout).toContain("\n0 of 2 hosts ready.\n");
  });

  test("--json, without a word beside it where it is quiet", async () => {
    const settings = { json: true, quiet: true };
    const { stdout, stderr } = await hosts(["check", "--hosts=h.env"], twoHosts().room, settings);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      hosts: [
        {
          name: "host0",
          ready: false,
          facts: { System: "Debian 12" },
          faults: [{ code: "host-docker-old" }],
        },
        { name: "host1", ready: true, address: address(1), faults: [], steps: [] },
      ],
    });
  });

  test("with --committee: which node is where, and what is worth knowing", async () => {
    const { room } = twoHosts({ docker: "20.10" });
    const { code, stdout } = await hosts(["check", "--hosts=h.env", "--committee=2"], room);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "\n2 hosts ready.\n\nEnough for a committee of 2: host0 node 0; host1 node 1.\n  note: host0: busy.\n",
    );
  });

  test("with --committee: what is missing and what is wrong between hosts; what there is is checked", async () => {
    const blocked = "This connection is blocked:\n  host0 → host1";
    const { room } = twoHosts({ docker: "20.10", blocked });
    const argv = ["check", "--hosts=h.env", "--committee=4"];
    const { code, stdout } = await hosts(argv, room);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "\n2 hosts ready.\n\nNot ready for a committee of 4.\n" +
        "  A committee of 4 needs a place for each node, and nodes 2, 3 have none. Set MYSTICETI_NODE2_HOST and MYSTICETI_NODE3_HOST (a host may run several nodes), or use a smaller --committee.\n" +
        "  This connection is blocked:\n    host0 → host1\n",
    );
    const found = await hosts(argv, room, { json: true });
    expect(JSON.parse(found.stdout)).toMatchObject({
      hosts: [{ name: "host0" }, { name: "host1" }],
      committee: {
        nodes: 4,
        enough: false,
        faults: [{ code: "too-few-hosts" }, { code: "hosts-unreachable", message: blocked }],
      },
    });
  });

  test("steps as JSON lines", async () => {
    const settings = { logFormat: "json" as const };
    const { stderr } = await hosts(["check", "--hosts=h.env"], twoHosts().room, settings);
    expect(
      stderr
        ?.trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ v: 1, type: "step", subject: "host0", step: "connecting" }, { subject: "host1" }]);
  });
});

describe("hosts prepare", () => {
  test("says what it did on each host, and how they stand", async () => {
    const { code, stdout } = await hosts(["prepare", "--hosts=h.env"], twoHosts().room);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^host0:\n {2}installed docker\.io\n {2}started the engine\nhost1: nothing had to be done\n\n/,
    );
    expect(stdout).toMatch(/\n2 hosts ready\.\n$/);
  });
});

describe("hosts clean", () => {
  const clean = (argv: readonly string[], room: CommandBackend["hosts"]) =>
    hosts(["clean", "--hosts=h.env", ...argv], room);

  test("lists and removes nothing without flags", async () => {
    const { room, runs } = twoHosts({ left });
    expect(await clean([], room)).toEqual({
      code: 0,
      stderr: "",
      stdout: `host0 ubuntu@10.0.1.10:22:
  run dead1 (left):
    container node0 (exited)
  run alive (still running, not touched):
    container node0 (running)
host1 ubuntu@10.0.1.11:22:
  nothing is left

Remove everything with --yes, or what one run left with --run ID.
`,
    });
    expect(runs).toHaveLength(2);
  });

  test.each([["--yes"], ["--run=dead1"]])("%s removes what is dead, and leaves the rest", async (flag) => {
    const { room, runs } = twoHosts({ left });
    const { stdout } = await clean([flag], room);
    expect(stdout).toContain("  run dead1 (removed):\n");
    expect(stdout).not.toContain("Remove all of it");
    expect(runs.map(({ run }) => run)).toEqual(["alive"]);
  });

  test("--images lists images, and with --yes removes them", async () => {
    const { room } = twoHosts();
    expect((await clean(["--images"], room)).stdout).toContain("  image baleen/validator:1\n");
    expect((await clean(["--images", "--yes"], room)).stdout).toContain(
      "  image baleen/validator:1: removed\n",
    );
  });

  test("a host that cannot be looked at is told, the others are cleaned, and it is a failure", async () => {
    const { room, runs } = twoHosts({ left, away: true });
    const { code, stdout } = await clean(["--yes"], room);
    expect([code, runs.length]).toEqual([1, 1]);
    expect(stdout).toContain("\n  Cannot reach host1");
  });

  test.each<[string, string, string]>([
    [
      "a run that is under way",
      "alive",
      "--run alive: this run is still running on host0. Stop it first, with Ctrl-C.",
    ],
    [
      "a run that is not there",
      "none",
      "--run none: this run left nothing on these hosts. List what is left with: npx baleen hosts clean",
    ],
  ])("refuses %s", async (_, run, message) => {
    const { room, runs } = twoHosts({ left });
    expect(await clean(["--run", run], room)).toMatchObject({ code: 2, diagnostics: [message] });
    expect(runs).toHaveLength(2);
  });
});

test("all that is wrong is told at once, before any host is touched", async () => {
  const { room } = twoHosts();
  const text = "MYSTICETI_NODE0_HOST=a b\nMYSTICETI_NODE0_SHH_KEY=x\n";
  const argv = ["chek", "--hosts=h.env", "--yes", "--ssh-timeout=0"];
  const outcome = await runAlone(argv, {
    command: runHosts,
    name: "hosts",
    backend: { hosts: room },
    file: text,
  });
  expect(outcome).toMatchObject({
    code: 2,
    diagnostics: [
      '"chek": unknown subcommand. Did you mean check?',
      expect.stringMatching(/^MYSTICETI_NODE0_SHH_KEY in h\.env:2: no such key\./),
      expect.stringMatching(/^MYSTICETI_NODE0_HOST in h\.env:1: "a b" cannot be used\./),
      expect.stringMatching(/^--ssh-timeout: 0 is not above 0\./),
    ],
  });
});

test("what only clean does is refused elsewhere", async () => {
  expect(await hosts(["check", "--hosts=h.env", "--yes"], twoHosts().room)).toMatchObject({
    diagnostics: ['--yes: "hosts check" does not use it. Remove it.'],
  });
});

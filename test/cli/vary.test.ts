/** Sweeps that differ in what is varied: on real nodes, as processes, and on stand-ins. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Deployer } from "../../src/contracts/deployment.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { benchmark, oneHost } from "./in-process.ts";
import { openSetting } from "./setting.ts";

const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

test("--vary committee=4,5 keeps a whole sweep of each, which all commands know", async () => {
  await using setting = await openSetting();
  const run = async (binary: string, ...args: string[]) => await setting.start(binary, args).ended;
  const load = ["--loads=40", "--duration=1", "--warm-up=0", "--name=sizes", "--tag=kind=short"];
  const { code, stdout } = await run("benchmark", ...load, "--vary", "committee=4,5", "--markdown=report.md");
  expect([0, 3]).toContain(code);
  const [name = "", ...others] = await readdir(join(setting.home, "benchmarks"));
  expect(others).toEqual([]);
  expect(name).toMatch(/^\d{8}T\d{6}Z-variation-[0-9a-f]{8}$/);
  const folder = join(setting.home, "benchmarks", name);
  expect((await readdir(folder)).sort()).toEqual([
    "committee=4",
    "committee=5",
    "report.html",
    "resource_comparison.png",
    "resource_comparison.svg",
    "variation.json",
  ]);
  for (const nodes of [4, 5]) {
    const { runs, end } = await readBundle(join(folder, `committee=${nodes}`));
    expect(runs.map(({ parameters }) => [parameters.nodes, parameters.name, parameters.tags])).toEqual([
      [nodes, "sizes", { kind: "short" }],
    ]);
    expect(end?.endedEarly).toBeUndefined();
  }
  const document = await readJson(folder, "variation.json");
  expect((await openValidator("variation"))(document)).toEqual([]);
  expect(document).toMatchObject({
    name: "sizes",
    tags: { kind: "short" },
    options: [{ name: "committee", values: [4, 5] }],
    points: [
      { values: [4], bundle: "committee=4", status: "finished" },
      { values: [5], bundle: "committee=5", status: "finished" },
    ],
  });
  expect(stdout).toMatch(
    /\nVARIED: committee\n *committee +Load +Throughput.*\n.*\n-+\n +4 +40 .*\n +5 +40 /,
  );
  const page = await readFile(join(folder, "report.html"), "utf8");
  expect(page).toContain("<h1>committee varied</h1>");
  expect(page).toContain('<a href="./committee%3D5/report.html">committee=5</a>');
  const markdown = await readFile(join(setting.home, "report.md"), "utf8");
  expect(markdown).toMatch(/^\*\*Benchmark .*\n\n\| <code>committee<\/code> \|/);
  expect(markdown).toContain("\n## <code>committee=5</code>\n");

  const shown = await run("baleen", "show", "sizes");
  expect(shown.stdout).toContain("VARIED: committee");
  const again = await run("baleen", "report", "last", "--markdown=again.md");
  expect(again.code).toBe(code);
  expect(await readFile(join(setting.home, "again.md"), "utf8")).toBe(markdown);
  const files = ["--html=again.html", "--csv=again.csv"];
  expect((await run("baleen", "report", "last", ...files)).code).toBe(code);
  expect(await readFile(join(setting.home, "again.html"), "utf8")).toContain("<h1>committee varied</h1>");
  const csv = await readFile(join(setting.home, "again.csv"), "utf8");
  expect(csv).toMatch(/^side,varied\.committee,.*\r\ncommittee=4,4,.*\r\ncommittee=5,5,.*\r\n$/);
  expect((await run("baleen", "report", "last", "--svg=p99-latency")).stdout).toMatch(/^<svg /);
  const listed = JSON.parse((await run("baleen", "ls", "--name=SIZE", "--tag=kind=short", "--json")).stdout);
  expect(listed.bundles.map((one: { nodes: number; label: string }) => [one.nodes, one.label])).toEqual([
    [4, "sizes"],
    [5, "sizes"],
  ]);
  expect((await run("baleen", "ls", "--tag=kind=long")).stdout).toMatch(
    /^There are no bundles with this name/,
  );
  const compared = await run("baleen", "compare", "last", "--allow-different=nodes");
  expect([compared.code, compared.stderr]).toEqual([0, ""]);
  expect((await run("benchmark", "--resume", "sizes")).stderr).toMatch(
    /--resume: Cannot use .*: it holds a sweep for each point/,
  );
  const agreed = await run("baleen", "verify", "last");
  expect(agreed.stdout).toContain("\nAGREES: ");
  await writeFile(
    join(folder, "variation.json"),
    `${JSON.stringify(document).replace('"values":[5]', '"values":[6]').replace("[4,5]", "[4,6]")}\n`,
  );
  const differs = await run("baleen", "verify", "last");
  expect(differs.code).toBe(3);
  expect(differs.stdout).toMatch(/file: +variation\.json\n +key: +points\[1\]\.values\[0\]\n +it says: +"6"/);
  await setting.expectNothingLeft();
});

const short = ["--loads=40", "--duration=1", "--warm-up=0"];

describe("on stand-ins", () => {
  test("two options make a sweep of each pair, and one document with --json", async () => {
    await using temporary = await makeTemporaryFolder();
    const vary = ["--vary=transaction-size=64,128", "--vary=seed=a/../b,a_.._b"];
    const { code, stdout } = await benchmark([...short, ...vary], { folder: temporary.path, json: true });
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: "baleen.varied/1", points: [{}, {}, {}, {}] });
    const bundles = document.points.map((point: { bundle: string }) => point.bundle);
    expect(new Set(bundles).size).toBe(4);
    expect((await readdir(document.bundle)).sort()).toEqual(
      [...bundles, "report.html", "variation.json"].sort(),
    );
    expect(Object.keys(document.results)).toEqual(bundles);
    const sizes = bundles.map((one: string) => {
      const { parameters } = document.results[one].runs[0];
      return [parameters.transaction_size, parameters.seed];
    });
    expect(sizes).toEqual([
      [64, "a/../b"],
      [64, "a_.._b"],
      [128, "a/../b"],
      [128, "a_.._b"],
    ]);
    // All but the last one make room for the next.
    const cleanups = bundles.map((one: string) => document.results[one].parameters.cleanup);
    expect(cleanups).toEqual(["thorough", "thorough", "thorough", "keep"]);
  });

  test("points take turns a run at a time, forth and back, and are whole sweeps", async () => {
    await using temporary = await makeTemporaryFolder();
    const args = ["--loads=40", "--duration=1", "--warm-up=0", "--vary=seed=a,b", "--runs=2", "--turns"];
    const { code, stdout } = await benchmark(args, { folder: temporary.path });
    expect([code, stdout.match(/^Turn .*/gm)]).toEqual([
      0,
      ["a, run 1", "b, run 1", "b, run 2", "a, run 2"].map(
        (what, turn) => `Turn ${turn + 1} of 4: seed=${what}`,
      ),
    ]);
    const [name = ""] = await readdir(join(temporary.path, "benchmarks"));
    const folder = join(temporary.path, "benchmarks", name);
    const stored = await Promise.all(["seed=a", "seed=b"].map((one) => readBundle(join(folder, one))));
    const begins = stored.flatMap(({ runs }, side) => runs.map(({ timestamp }) => ({ timestamp, side })));
    const inOrder = begins.toSorted((one, other) => one.timestamp.localeCompare(other.timestamp));
    expect(inOrder.map(({ side }) => side)).toEqual([0, 1, 1, 0]);
    expect(stored.map(({ end }) => [end?.endedEarly, end?.plannedRuns])).toEqual([
      [undefined, 2],
      [undefined, 2],
    ]);
    const { points } = await readJson(folder, "variation.json");
    expect(points.map(({ status }: { status: string }) => status)).toEqual(["finished", "finished"]);
    expect(stdout.match(/^Results: /gm)).toHaveLength(4);
  });

  test("an interruption keeps the points before it, and says what is left", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const { code, stdout } = await benchmark([...short, "--vary=seed=a,b,c"], {
      folder,
      interruptWhen: (stderr) => stderr.split("waiting for outstanding").length === 3,
    });
    expect(code).toBe("interrupted");
    expect(stdout).toContain("\n2 of 3 points were not measured to their end.\n");
    const [name = ""] = await readdir(join(folder, "benchmarks"));
    const { points } = await readJson(folder, "benchmarks", name, "variation.json");
    expect(points.map(({ status }: { status: string }) => status)).toEqual([
      "finished",
      "ended-early",
      "not-run",
    ]);
    const { end } = await readBundle(join(folder, "benchmarks", name, "seed=a"));
    expect(end?.endedEarly).toBeUndefined();
    const resumed = await benchmark(["--resume", join(folder, "benchmarks", name)], { folder });
    expect(resumed.diagnostics).toEqual([
      expect.stringMatching(
        /Continue the one that ended early: --resume .*seed=b 1 of 3 points were not begun/,
      ),
    ]);
  });

  test("points on hosts take turns, since each locks them; the first one keeps them until it has ended", {
    tags: "full",
  }, async () => {
    await using temporary = await makeTemporaryFolder();
    const said: string[] = [];
    let made = 0;
    const wrap = (deployer: Deployer): Deployer => {
      made += 1;
      const number = made;
      return {
        ...deployer,
        check: async (...asked) => {
          said.push(`check ${number}`);
          return await deployer.check(...asked);
        },
        deploy: async (...asked) => {
          said.push(`deploy ${number}`);
          return await deployer.deploy(...asked);
        },
        close: async () => {
          said.push(`close ${number}`);
        },
      };
    };
    const argv = [...short, "--vary=seed=a,b,c", "--network-type=remote"];
    const { code } = await benchmark(argv, { folder: temporary.path, env: oneHost, wrap });
    expect(code).toBe(0);
    const inTurn = ["check 1", "close 1", "check 2", "close 2", "check 3"];
    const runs = ["deploy 3", "close 3", "deploy 2", "close 2", "deploy 1", "close 1"];
    expect(said.slice(0, inTurn.length + runs.length)).toEqual([...inTurn, ...runs]);
  });

  test("an assertion that fails at one point fails the command", async () => {
    await using temporary = await makeTemporaryFolder();
    const argv = [...short, "--vary=warm-up=0,1", "--assert=throughput>1000", "--no-file-output"];
    const { code } = await benchmark(
      argv.filter((one) => one !== "--warm-up=0"),
      { folder: temporary.path },
    );
    expect(code).toBe(3);
    expect(await readdir(temporary.path)).not.toContain("benchmarks");
  });

  test.each([
    ["a value of a point", ["--vary=clients=1,0"], /^--vary clients=0: 0 is below the minimum/],
    ["both networks", ["--vary=seed=a,b", "--network-type=both"], /^--network-type: "both" means two sweeps/],
    [
      "what means the same",
      ["--vary=transaction-size=64,064"],
      /^--vary: transaction-size=64 and transaction-size=064 are the same sweep/,
    ],
    ["turns in a search", ["--vary=seed=a,b", "--search", "--turns"], /^--turns: a search decides/],
    ["turns on one network", ["--vary=seed=a,b", "--keep-network", "--turns"], /^--turns: each run has/],
    ["turns without bundles", ["--vary=seed=a,b", "--no-file-output", "--turns"], /^--turns: points go on/],
    ["turns of one sweep", ["--turns"], /^--turns: .*does not use it/],
    ["a sweep that is gone on with", ["--vary=seed=a,b", "--resume=nowhere"], /^--vary: .*does not use it/],
  ])("%s is refused before anything starts", async (_, argv, message) => {
    await using temporary = await makeTemporaryFolder();
    const { code, diagnostics, stderr } = await benchmark(argv, { folder: temporary.path });
    expect(code).toBe(2);
    expect(diagnostics).toContainEqual(expect.stringMatching(message));
    expect(stderr).not.toContain("starting");
    expect(await readdir(temporary.path)).not.toContain("benchmarks");
  });
});

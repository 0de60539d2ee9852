/** The scripts of examples/ that ask: driven on a terminal of their own, as a person would. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type PseudoTerminal, spawnOnTerminal, whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { someOf } from "../support/some-of.ts";
import { openSetting, type Setting } from "./setting.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const enter = "\r";
const ctrlC = "\x03";
const ctrlD = "\x04";

type Wizard = "local_network" | "remote_network" | "run_benchmark";

/** Hosts that nobody connects to. */
const hosts = Object.fromEntries([0, 1, 2, 3].map((n) => [`MYSTICETI_NODE${n}_HOST`, `host${n}.invalid`]));
const wizards: readonly Wizard[] = ["local_network", "remote_network", "run_benchmark"];

const start = (setting: Setting, wizard: Wizard, env: Readonly<Record<string, string>> = {}) =>
  spawnOnTerminal([join(examples, `${wizard}.sh`)], {
    cwd: setting.home,
    env: { ...setting.env, ...hosts, ...env },
  });

/** Gives Enter to every question up to the confirmation. @returns what stood on the screen until then */
async function enterAll(terminal: PseudoTerminal): Promise<string> {
  for (;;) {
    const seen = await terminal.expect(/\]: $/);
    if (seen.endsWith("Proceed with these settings? [Y/n]: ")) return terminal.screen();
    terminal.send(enter);
  }
}

/** What a wizard makes in its folder: nothing, as long as nothing was started. */
const things = ({ home }: Setting) => readdir(home);

describe.skipIf(whyNoPseudoTerminal !== undefined)(`wizards ${whyNoPseudoTerminal ?? ""}`, () => {
  test("local_network.sh: all defaults by Enter, through a link from elsewhere, run a network", {
    tags: "full",
  }, async () => {
    await using setting = await openSetting();
    const link = join(setting.home, `my "own" link's name`);
    await symlink(join(examples, "local_network.sh"), link);
    const env = { ...setting.env, BALEEN_NUM_TRANSACTIONS: "100", BALEEN_WARM_UP: "0" };
    await using terminal = await spawnOnTerminal([link], { cwd: setting.home, env });
    const screen = await enterAll(terminal);
    expect(screen.replaceAll("\r", "")).toBe(`
=== Mysticeti Local Network Example ===

Configure local network parameters:
===================================
Path to docker-compose.yml file [the packaged one]: 
Number of transactions to simulate [100]: 
Transaction size in bytes [512]: 
Transaction rate (tx/s) [100]: 
Startup wait time in seconds [30]: 
Clean up containers after completion [Y/n]: 

Configuration Summary:
======================
Docker-compose path: the packaged one
Number of transactions: 100
Transaction size: 512 bytes
Transaction rate: 100 tx/s
Startup wait: 30 seconds
Cleanup: true

Proceed with these settings? [Y/n]: `);
    terminal.send(enter);
    await terminal.expect("Starting local network with specified parameters...");
    await terminal.expect("Successful transactions: 100");
    expect(await terminal.ended).toBe(0);
    await setting.expectNothingLeft();
  });

  test("run_benchmark.sh: all defaults by Enter run a sweep and save it", async () => {
    await using setting = await openSetting();
    const env = { BALEEN_LOCAL_LOADS: "50,60", BALEEN_DURATION: "1", BALEEN_WARM_UP: "0" };
    await using terminal = await start(setting, "run_benchmark", env);
    const screen = await enterAll(terminal);
    expect(screen).toContain("Loads: 50,60 tx/s\r\nDuration: 1 seconds\r\n");
    terminal.send(enter);
    await terminal.expect("RUN 2, 60 tx/s: ");
    await terminal.expect(/\nResults: /);
    expect(await terminal.ended).toBe(0);
    const parameters: unknown = JSON.parse(
      await readFile(join(await setting.bundle(), "parameters.json"), "utf8"),
    );
    expect(parameters).toMatchObject({ nodes: 4, loads: [50, 60], duration: 1, transaction_size: 512 });
    await setting.expectNothingLeft();
  });

  test("wrong answers are asked again, and right ones reach the binary", { tags: "full" }, async () => {
    await using setting = await openSetting();
    await writeFile(join(setting.home, "docker-compose.yml"), "services: {}\n");
    await using terminal = await start(setting, "run_benchmark", { BALEEN_WARM_UP: "0" });
    const answers: readonly (readonly [question: RegExp, wrong: readonly string[], right: string])[] = [
      [/^Network type .*\[local\]/, ["cloud", "LOCAL"], "local"],
      [/^Number of nodes .*\[4\]/, ["3", "129", "four", "4.5", "-4", "$(id)"], "5"],
      [/^Loads .*\[100,200,500\]/, ["0", "50;60", "50,,60", "1000001", "1e3", "*"], "40, 60.5"],
      [/^Duration .*\[180\]/, ["0", "0.0", "604801", "1s", "1.2.3"], "1.5"],
      [/^Transaction size .*\[512\]/, ["17", "749905", "9999999999999999999"], "600"],
      [/^Startup wait .*\[30\]/, ["3601", "-1", "a b"], "45"],
      [/^Path to docker-compose.*\[\.\/docker-compose\.yml\]/, ["no.yml", "."], ""],
      [/^Directory .*\[\.\/benchmarks\]/, ["docker-compose.yml"], "benchmarks/"],
      [/^Clean up .*\[Y\/n\]/, ["maybe", "yess"], "No"],
    ];
    for (const [question, wrong, right] of answers) {
      for (const answer of wrong) {
        expect((await terminal.expect(/\]: $/)).split("\n").at(-1)).toMatch(question);
        terminal.send(answer + enter);
        await terminal.expect(`"${answer}" is invalid. Enter `);
      }
      expect((await terminal.expect(/\]: $/)).split("\n").at(-1)).toMatch(question);
      terminal.send(right + enter);
    }
    await terminal.expect("Loads: 40, 60.5 tx/s\r\nDuration: 1.5 seconds\r\n");
    await terminal.expect("Cleanup: false\r\n");
    await terminal.expect("Proceed with these settings? [Y/n]: ");
    terminal.send(`what${enter}`);
    await terminal.expect('"what" is invalid. Enter y or n.');
    terminal.send(`YES${enter}`);
    expect(await terminal.ended).toBe(0);
    const parameters: unknown = JSON.parse(
      await readFile(join(await setting.bundle(), "parameters.json"), "utf8"),
    );
    expect(parameters).toMatchObject({
      ...{ nodes: 5, loads: [40, 60.5], duration: 1.5, transaction_size: 600, startup_wait_secs: 45 },
      cleanup: "keep",
    });
    await setting.expectNothingLeft();
  });

  test("a compose file that is named is handed on, one that is found is not", { tags: "full" }, async () => {
    await using setting = await openSetting();
    await writeFile(join(setting.home, "other.yml"), "services: {}\n");
    await using terminal = await start(setting, "local_network");
    await terminal.expect("Path to docker-compose.yml file [the packaged one]: ");
    terminal.send(`other.yml${enter}`);
    await enterAll(terminal);
    terminal.send(enter);
    // Plain processes come from no compose file: the binary has it, and says so.
    await terminal.expect("--docker-compose-path and --runtime process exclude each other");
    expect(await terminal.ended).toBe(2);
  });

  describe.each(wizards)("%s.sh", (wizard) => {
    test.each(["n", "No", "NO"])("%s at the confirmation starts nothing", async (no) => {
      await using setting = await openSetting();
      await using terminal = await start(setting, wizard);
      await enterAll(terminal);
      terminal.send(no + enter);
      await terminal.expect("Cancelled: nothing was started.");
      expect(await terminal.ended).toBe(0);
      expect(await things(setting)).toEqual([]);
    });

    test.each([
      ["Ctrl-C", ctrlC, "^C"],
      ["Ctrl-D", ctrlD, "No more input: nothing was started."],
    ])("%s at the first question and at the last one ends it with 130", async (_, key, reported) => {
      for (const reach of [(one: PseudoTerminal) => one.expect(/\]: $/), enterAll]) {
        await using setting = await openSetting();
        await using terminal = await start(setting, wizard);
        await reach(terminal);
        terminal.send(key);
        await terminal.expect(reported);
        expect(await terminal.ended).toBe(130);
        // The shell's prompt begins on a line of its own.
        expect(terminal.screen()).toMatch(/\n$/);
        expect(await things(setting)).toEqual([]);
      }
    });

    test.each([
      ["no input at all", "ignore"],
      ["input that ends too early", "pipe"],
    ] as const)("%s ends it with 130, and names the script for pipelines", async (_, stdin) => {
      await using setting = await openSetting();
      const child = spawn(join(examples, `${wizard}.sh`), {
        cwd: setting.home,
        env: { ...setting.env, ...hosts },
        stdio: [stdin, "pipe", "pipe"],
      });
      child.stdin?.end("\n\n");
      let stderr = "";
      child.stderr?.on("data", (text) => {
        stderr += String(text);
      });
      const [code] = (await once(child, "close")) as [number];
      expect(code).toBe(130);
      expect(stderr).toMatch(/\nNo more input: nothing was started\. .*run_benchmark_auto\.sh\.\n$/);
      expect(await things(setting)).toEqual([]);
    });
  });

  someOf(
    [
      ["local_network", { BALEEN_NUM_TRANSACTIONS: "6000" }],
      ["run_benchmark", { BALEEN_DURATION: "60" }],
    ],
    1,
  )("Ctrl-C while %s.sh runs its network: 130, and nothing is left", async (wizard, long) => {
    await using setting = await openSetting();
    // Plain lines, not a live view.
    await using terminal = await start(setting, wizard, { ...long, BALEEN_WARM_UP: "0", CI: "1" });
    await enterAll(terminal);
    terminal.send(enter);
    await terminal.expect("measuring");
    terminal.send(ctrlC);
    await terminal.expect("Interrupted (SIGINT): cleaning up.");
    expect(await terminal.ended).toBe(130);
    await setting.expectNothingLeft();
  });

  test.each<[string, Wizard, readonly number[]]>([
    ["all of them", "remote_network", []],
    ["some of them", "remote_network", [0, 3]],
    ["some of them", "run_benchmark", [1, 2]],
  ])("%s missing, %s.sh names the variables of hosts", async (_, wizard, given) => {
    await using setting = await openSetting();
    const env = { ...setting.env, ...Object.fromEntries(given.map((n) => [`MYSTICETI_NODE${n}_HOST`, "a"])) };
    await using terminal = await spawnOnTerminal([join(examples, `${wizard}.sh`)], {
      cwd: setting.home,
      env,
    });
    if (wizard === "run_benchmark") {
      await terminal.expect(/\]: $/);
      terminal.send(`remote${enter}`);
      await terminal.expect(/\]: $/);
      terminal.send(enter);
    }
    const missing = [0, 1, 2, 3].filter((n) => !given.includes(n)).map((n) => `MYSTICETI_NODE${n}_HOST`);
    const list = missing.map((name) => `  ${name}\r\n`).join("");
    await terminal.expect(`error: These environment variables are not set:\r\n${list}Set each`);
    await terminal.expect(`  export ${missing[0]}="10.0.1.10"`);
    expect(await terminal.ended).toBe(2);
    expect(await things(setting)).toEqual([]);
  });

  test("remote_network.sh shows which node runs where, or the file that says it", async () => {
    await using setting = await openSetting();
    await using named = await start(setting, "remote_network", { SSH_TIMEOUT: "20" });
    const screen = (await enterAll(named)).replaceAll("\r", "");
    expect(screen).toContain("\nNode 0: host0.invalid\nNode 1: host1.invalid\n");
    expect(screen).toContain("\nSSH timeout: 20 seconds\n");
    const env = { ...setting.env, BALEEN_HOSTS: "hosts.env" };
    const script = join(examples, "remote_network.sh");
    await using filed = await spawnOnTerminal([script], { cwd: setting.home, env });
    expect(await enterAll(filed)).toContain("\nHosts: hosts.env\r\n");
  });
});

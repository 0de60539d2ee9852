/** Emulated links that are broken on purpose while a run goes on: it is invalid, and its result says why. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { delay } from "../../src/core/async.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
import { chainName } from "../../src/shaper/queue/rules.ts";
import { openValidator } from "../results/schemas.ts";
import { findChild, sendSignal } from "./machine.ts";
import { type Command, openSetting, type Setting } from "./setting.ts";

const tools = await findNamespaceTools();
const whyNot = typeof tools === "string" ? `(skipped: ${tools})` : undefined;

const args = [
  ...["--runtime=process", "--delay=25ms", "--link-mechanism=nfqueue", "--cleanup-thorough"],
  ...["--loads=40", "--duration=10", "--warm-up=1", "--drain=3"],
];
const timeout = 300_000;
/** Into the window, so that there are echoes before and after. */
const intoWindowMs = 3_000;

const preload = fileURLToPath(new URL("./falsify-shaper.mjs", import.meta.url));
const falsified = { NODE_OPTIONS: `--import=${preload}` };

interface Falsification {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In the window. */
  readonly act?: (shaper: number, command: Command, setting: Setting) => Promise<void>;
  /** A reason of the verdict; undefined: there is none that is of links. */
  readonly reason: RegExp | undefined;
}

const wrong = (of: string, what: string) =>
  new RegExp(`the link from node\\d to ${of} was not as asked ${what}`);

const falsifications: readonly Falsification[] = [
  { name: "nothing", reason: undefined },
  {
    name: "a shaper that stands still for a second",
    act: async (shaper) => {
      sendSignal(shaper, "SIGSTOP");
      await delay(1_000);
      sendSignal(shaper, "SIGCONT");
    },
    reason: /the shaper stood still: packets up to \d\.\d s late, \d+\.\d s into the window/,
  },
  {
    name: "a killed shaper",
    act: async (shaper, { says }) => {
      sendSignal(shaper, "SIGKILL");
      await says(/The run is invalid: the link shaper has ended: .* SIGKILL/, 1_000);
    },
    reason: /the link shaper has ended: its process was ended by SIGKILL/,
  },
  {
    name: "a rule that somebody removed",
    act: async (_shaper, _command, setting) => {
      const node = (await setting.nodes()).get("node0");
      const argv = ["nsenter", `--net=/proc/${node}/ns/net`, "iptables", "--wait", "-t", "raw"];
      const removal = [...argv, "-D", "PREROUTING", "-j", chainName];
      await runCommand(removal, { env: process.env, timeoutMs: 10_000 });
    },
    reason: wrong("node0", "during the run: .*arrived too early"),
  },
  {
    name: "a wrong table",
    env: { ...falsified, TEST_WRONG_TABLE: "from the start" },
    reason: wrong("node\\d", "before the run: "),
  },
  {
    name: "a table that somebody changed",
    env: falsified,
    act: async (shaper) => sendSignal(shaper, "SIGUSR2"),
    reason: wrong("node\\d", "during the run: .*arrived too early"),
  },
];

/** What of a run's file these tests look at. */
interface FalsifiedRun {
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

describe.skipIf(whyNot !== undefined)(`links that are falsified ${whyNot ?? ""}`, () => {
  test.each(falsifications)("$name", { timeout }, async ({ env = {}, act, reason }) => {
    await using setting = await openSetting();
    const command = setting.start("benchmark", args, { env, longestMs: timeout });
    await command.says("measuring");
    if (act !== undefined) {
      const shaper = await findChild(command.pid, "shaper/main.");
      await delay(intoWindowMs);
      await act(shaper, command, setting);
    }
    const { code, stdout, stderr } = await command.ended;
    const bundle = await setting.bundle();
    const run = JSON.parse(await readFile(join(bundle, "local_benchmark_1_40txs.json"), "utf8"));
    expect((await openValidator("run"))(run)).toEqual([]);
    const { status, reasons } = (run as FalsifiedRun).verdict;
    if (reason === undefined) {
      expect(reasons.filter((one) => /link|shaper/.test(one))).toEqual([]);
      expect(stdout + stderr).not.toContain("The run is invalid");
    } else {
      expect([code, status], stderr).toEqual([3, "invalid"]);
      expect(reasons).toContainEqual(expect.stringMatching(reason));
      expect(stdout).toMatch(reason);
    }
    const verified = await setting.start("baleen", ["verify", bundle]).ended;
    expect([verified.code, verified.stderr], verified.stdout).toEqual([0, ""]);
    await setting.expectNothingLeft();
  });
});

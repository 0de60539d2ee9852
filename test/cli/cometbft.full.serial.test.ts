/** The same sweep by one command each, on our own validators and on a real CometBFT, side by side. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { findGoProgram } from "../support/go-programs.ts";
import { openSetting, type Setting } from "./setting.ts";

const { path, whyNot } = findGoProgram("cometbft");
const sweep = ["--runtime=process", "--loads=100", "--duration=5", "--warm-up=1", "--drain=15", "--json"];

interface Published {
  readonly parameters: {
    readonly protocol: string;
    readonly protocol_options: Readonly<Record<string, number | string>>;
  };
  readonly results: { readonly successful_transactions: number };
  readonly ledger: {
    readonly scheduled: number;
    readonly sent: Readonly<Record<string, { committed: number }>>;
  };
}

/** Runs it to its end; its bundle is moved to `name`. */
async function run(setting: Setting, name: string, args: readonly string[]): Promise<Published> {
  const { code, stdout, stderr } = await setting.start("benchmark", [...sweep, ...args]).ended;
  expect([code, stderr.match(/^error:.*/gm)]).toEqual([0, null]);
  await rename(await setting.bundle(), join(setting.home, name));
  const [published] = (JSON.parse(stdout) as { runs: Published[] }).runs;
  if (published === undefined) throw new Error("no run");
  return published;
}

describe.skipIf(whyNot !== undefined)(`benchmark --protocol cometbft ${whyNot ?? ""}`, () => {
  test("runs the sweep that mysticeti ran; both ledgers balance, the options are whole, and compare has both", async () => {
    await using setting = await openSetting();
    const ours = await run(setting, "ours", ["--protocol=mysticeti"]);
    const theirs = await run(setting, "theirs", [
      "--protocol=cometbft",
      `--node-binary=${path}`,
      "--protocol-option=tuning=load",
      "--protocol-option=peer-gossip-sleep-ms=20",
    ]);
    for (const { ledger, results } of [ours, theirs]) {
      expect([ledger.scheduled, ledger.sent.acknowledged?.committed]).toEqual([500, 500]);
      expect(results.successful_transactions).toBe(500);
    }
    expect(ours.parameters.protocol).toBe("mysticeti");
    expect(theirs.parameters).toMatchObject({
      protocol: "cometbft",
      protocol_options: {
        tuning: "load",
        timeout_commit_ms: 50,
        peer_gossip_sleep_ms: 20,
        mempool_size_transactions: 100_000,
        timeout_propose_ms: 3000,
      },
    });
    const { code, stdout } = await setting.start("baleen", ["compare", "ours", "theirs", "--json"]).ended;
    expect(code).toBe(0);
    const comparison: unknown = JSON.parse(stdout);
    const check = await openValidator("comparison");
    expect(check(comparison)).toEqual([]);
    expect(stdout).toContain('"timeout_commit_ms"');
    await setting.expectNothingLeft();
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../src/core/errors.ts";
import { type GivenTuning, readHome } from "../../../src/validator/node/home.ts";
import { defaultValidatorTuning, type ValidatorConfigFile } from "../../../src/validator/wire/node-files.ts";
import { tuningField } from "../../../src/validator/wire/tuning.ts";
import { openFolder } from "../folder.ts";
import { type HomeFiles, planHomes, writeHome } from "../homes.ts";

async function faultsOf(change: (files: HomeFiles) => unknown): Promise<string[]> {
  await using folder = await openFolder();
  const [first] = await planHomes(folder.path, 4);
  if (first === undefined) throw new Error("no home planned");
  const changed = structuredClone(first);
  change(changed);
  await writeHome(changed);
  const failure = await readHome(changed.folder).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ConfigurationError)) throw new Error(`no ConfigurationError: ${failure}`);
  return failure.diagnostics.map(({ message }) => message.replace(`${changed.folder}/`, ""));
}

/** Sets a value anywhere, of whatever type. */
function set(target: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = target as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = value;
}

describe("a validator's home", () => {
  test("is read as it was written", async () => {
    await using folder = await openFolder();
    const homes = await planHomes(folder.path, 4);
    await Promise.all(homes.map(writeHome));
    expect(await Promise.all(homes.map((home) => readHome(home.folder)))).toEqual(homes);
  });

  test.each([
    ["genesis.chainId", "", /genesis\.json: chainId must be text/],
    ["genesis.genesisTime", "yesterday", /genesisTime must be an RFC 3339 time/],
    ["genesis.validators", [], /validators must not be empty/],
    ["genesis.validators", {}, /validators must be a list/],
    ["genesis.validators.2.publicKey", "AAAA", /validators\[2\]\.publicKey must be 32 bytes in base64/],
    ["genesis.validators.2.authority", 3, /validators\[2\]\.authority must be 2/],
    ["key.authority", 7, /authority 7 is not among the 4/],
    ["key.authority", 1, /seed does not belong to the genesis's public key of authority 1/],
    ["config.rpc.port", 70_000, /config\.json: rpc\.port must be a whole number from 0 to 65535/],
    ["config.peer", undefined, /peer\.host must be text/],
    ["config.peers.1.host", 5, /peers\[1\]\.host must be text/],
    ["config.peers", [], /peers must be validators 1, 2, 3, each once/],
    ["config.consensus.leadersPerRound", 5, /leadersPerRound must be at most the 4 validators/],
    ["config.consensus.minRoundDelayMs", "50", /consensus\.minRoundDelayMs must be a whole number/],
    ["config.consensus", 5, /config\.json: consensus must be an object/],
    ["config.log.sync", "always", /log\.sync must be one of none, interval, block/],
    ["config.output.level", "loud", /output\.level must be one of debug, info, warn, error/],
    ["config.mempol", {}, /config\.json: mempol is not a known field\. Did you mean mempool\?$/],
    ["config.log.retainHeight", 5, /log\.retainHeight is not a known field\. Did you mean retainHeights\?$/],
    ["config.rpc.tls", true, /rpc\.tls is not a known field\. Known fields: host, port\.$/],
    ["config.peers.0.port2", 5, /peers\[0\]\.port2 is not a known field\. Did you mean port\?$/],
    ["genesis.chainID", "x", /genesis\.json: chainID is not a known field\. Did you mean chainId\?$/],
    ["key", [], /validator-key\.json: its content must be an object/],
  ])("%s = %j is refused", async (path, value, expected) => {
    expect((await faultsOf((files) => set(files, path, value))).join("\n")).toMatch(expected);
  });

  test("may leave out all tuning; the rest of a section is filled in", async () => {
    await using folder = await openFolder();
    const read = async (size: number, tuning: object) => {
      const [home] = await planHomes(join(folder.path, String(size)), size);
      if (home === undefined) throw new Error("no home planned");
      const { moniker, rpc, peer, metrics, peers } = home.config;
      const config = { moniker, rpc, peer, metrics, peers, ...tuning } as ValidatorConfigFile;
      await writeHome({ ...home, config });
      return (await readHome(home.folder)).config;
    };
    expect(await read(4, {})).toMatchObject(defaultValidatorTuning);
    expect(await read(4, { log: { sync: "block" } })).toMatchObject({
      ...defaultValidatorTuning,
      log: { ...defaultValidatorTuning.log, sync: "block" },
    });
    // No more leaders than validators, where nobody asks for more.
    expect((await read(1, {})).consensus.leadersPerRound).toBe(1);
  });

  test("what is given counts before the file, and is checked with it", async () => {
    await using folder = await openFolder();
    const [home] = await planHomes(folder.path, 4);
    if (home === undefined) throw new Error("no home planned");
    await writeHome(home);
    const given = (value: number): GivenTuning[] => [
      { field: tuningField("consensus", "leadersPerRound"), name: "--leaders-per-round", value },
      { field: tuningField("log", "sync"), name: "BALEEN_VALIDATOR_LOG_SYNC", value: "interval" },
    ];
    const { config } = await readHome(home.folder, given(3));
    expect([config.consensus.leadersPerRound, config.log.sync]).toEqual([3, "interval"]);
    await expect(readHome(home.folder, given(5))).rejects.toThrow(
      "--leaders-per-round: must be at most the 4 validators.",
    );
  });

  test("all faults are named at once", async () => {
    const faults = await faultsOf((files) => {
      set(files, "genesis.chainId", 1);
      set(files, "key.seed", "");
      set(files, "config.metrics.port", -1);
    });
    expect(faults.length).toBe(3);
  });

  test("a missing or broken file is named, with the reason", async () => {
    await using folder = await openFolder();
    await expect(readHome(join(folder.path, "nowhere"))).rejects.toThrow(
      /genesis\.json: cannot be read: ENOENT/,
    );
    const [home] = await planHomes(folder.path, 4);
    if (home === undefined) throw new Error("no home planned");
    await writeHome(home);
    await writeFile(join(home.folder, "config.json"), "{");
    await expect(readHome(home.folder)).rejects.toThrow(/config\.json: cannot be read: .*JSON/);
  });
});

/** The system under test as a command line names it: all that is wrong with it at once, and nothing is started. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectRefusal } from "./refusal.ts";
import { openSetting } from "./setting.ts";

test("a name that is not known, and whatever else is wrong", async () => {
  await using setting = await openSetting();
  await expectRefusal(
    setting,
    [
      "benchmark",
      "--protocol=cometbtf",
      "--protocol-option=indexer",
      "--node-binary=nothing-such",
      "--loads=0",
    ],
    [
      'error: --protocol: unknown protocol "cometbtf". Did you mean cometbft? Refer to a description by its path: ./cometbtf.yaml.',
      'error: --node-binary "nothing-such": not found on PATH. Use its path, such as ./nothing-such.',
      /^error: --loads: 0 is not above 0\./,
      'error: --protocol-option: "indexer" has no value. Give NAME=VALUE, such as timeoutCommitMs=500.',
    ],
  );
});

test("options that the protocol does not have, from flag, environment and file", async () => {
  await using setting = await openSetting();
  await writeFile(
    join(setting.home, "b.yaml"),
    "protocolOptions: { timeoutComitMs: 1, recheck: off }\nlogSync: block\n",
  );
  await expectRefusal(
    setting,
    [
      "local-network",
      "--protocol=cometbft",
      "--protocol-option=recheck=maybe",
      "--leader-timeout=5",
      "--config=b.yaml",
    ],
    [
      /^error: --leader-timeout: an option of mysticeti, but the protocol is cometbft\. Remove it; /,
      /^error: logSync in b\.yaml.*: an option of mysticeti, but the protocol is cometbft\. Remove it; /,
      /^error: protocolOptions\.timeoutComitMs in b\.yaml:1: cometbft has no such option\. Did you mean timeoutCommitMs\?$/,
      'error: --protocol-option recheck: "maybe" is not a known value. Give on or off.',
      /^error: .*cometbft.*--node-binary/,
    ],
    { env: { BALEEN_BLOCK_SIZE: "4096", PATH: "/usr/bin:/bin" } },
  );
});

test("a program that is not there, one that may not be executed, and one that has no use", async () => {
  await using setting = await openSetting();
  await writeFile(join(setting.home, "plain"), "");
  const refuse = (args: readonly string[], ...reasons: readonly (string | RegExp)[]) =>
    expectRefusal(setting, ["benchmark", ...args], reasons);
  await refuse(
    ["--protocol=cometbft", "--node-binary=./missing"],
    'error: --node-binary "./missing": there is no such file. Give the path of a program.',
  );
  await refuse(
    ["--protocol=cometbft", "--node-binary=./plain"],
    'error: --node-binary "./plain": it is not executable. Use chmod +x, or give another program.',
  );
  await refuse(
    ["--node-binary=/bin/true", "--image=a/b:1"],
    "error: --image: on this machine the nodes of mysticeti run in an image that Baleen builds. Remove it, or add --network-type remote.",
    "error: --node-binary: the nodes of mysticeti are part of Baleen and have no program of their own. Remove it, or use another --protocol.",
  );
});

test("a description that is missing, and one that is none", async () => {
  await using setting = await openSetting();
  await expectRefusal(
    setting,
    ["benchmark", "--protocol=./none.yaml"],
    [/^error: --protocol \.\/none\.yaml: ENOENT.*Use a readable file\.$/],
  );
  await writeFile(join(setting.home, "system.yaml"), "name: mine\nnodez: []\n");
  const { code, stderr } = await setting.start("benchmark", ["--protocol=system.yaml"]).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: system\.yaml:2: nodez: no such key\. Did you mean nodes\?$/m);
  for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^error: system\.yaml:\d+: /);
  await setting.expectNothingLeft();
});

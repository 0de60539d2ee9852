import { homedir } from "node:os";
import { describe, expect, test } from "vitest";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { checkParameters } from "../../src/options/checks/check.ts";
import { checkLocalNetwork, checkRemoteNetwork } from "../../src/options/checks/check-once.ts";
import { checkSystem } from "../../src/run/prepare/system.ts";
import {
  composeExamples,
  localExamples,
  remoteExamples,
  remoteVariables,
  type UsageExample,
} from "../cli/usage-examples.ts";

const checks = {
  benchmark: checkParameters,
  "local-network": checkLocalNetwork,
  "remote-network": checkRemoteNetwork,
};

/** What a binary makes of a line as it stands. */
function read({ binary, args }: UsageExample, env: Readonly<Record<string, string>> = {}) {
  const sources = { argv: args, env, home: homedir(), readFile: () => "" };
  const { given, hosts, diagnostics } = gatherOptions(binary, sources);
  const checked = checkSystem(given, openCommandBackend(env), (values, limits) =>
    checks[binary](values, limits, hosts),
  );
  const { parameters } = checked;
  return { parameters, diagnostics: [...diagnostics, ...checked.diagnostics].map(({ message }) => message) };
}

describe("usage examples are accepted as written", () => {
  test.each([...localExamples, ...composeExamples])("$line", (example) => {
    expect(read(example).diagnostics).toEqual([]);
  });

  test.each(remoteExamples)("$line", (example) => {
    const { parameters, diagnostics } = read(example, remoteVariables);
    expect(diagnostics).toEqual([]);
    expect(parameters.networkType).toBe("remote");
    expect(parameters.remote?.hosts.map(({ address }) => address)).toEqual([
      ...["192.168.1.10", "192.168.1.11", "192.168.1.12", "192.168.1.13"],
    ]);
  });
});

test("what they say arrives", () => {
  const [first, second] = composeExamples.map((example) => read(example).parameters);
  expect(first).toMatchObject({
    ...{ numTransactions: 2000, transactionSizeBytes: 1024, loadsTps: [200], startupWaitSecs: 45 },
    ...{ dockerComposePath: "./docker-compose.yml", cleanup: "remove" },
  });
  expect(second?.cleanup).toBe("thorough");
  const sweep = localExamples.at(-1);
  expect(sweep && read(sweep).parameters).toMatchObject({
    ...{ loadsTps: [100, 500, 1000], durationSecs: 300, transactionSizeBytes: 1024, cleanup: "thorough" },
  });
});

test("without flags the defaults are those of the document", () => {
  const [network, , , benchmark] = localExamples.map((example) => read(example).parameters);
  expect(network).toMatchObject({
    ...{ committee: 4, numTransactions: 1000, transactionSizeBytes: 512, loadsTps: [100] },
    ...{ startupWaitSecs: 30, cleanup: "keep" },
  });
  expect(benchmark).toMatchObject({
    ...{ committee: 4, loadsTps: [100, 200, 500], durationSecs: 180, transactionSizeBytes: 512 },
    ...{ startupWaitSecs: 30, cleanup: "keep", outputDir: "./benchmarks", fileOutput: true },
  });
});

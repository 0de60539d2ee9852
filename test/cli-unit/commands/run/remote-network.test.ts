import { expect, test } from "vitest";
import { runBenchmark } from "../../../../src/cli/commands/run/benchmark.ts";
import { runRemoteNetwork } from "../../../../src/cli/commands/run/sweep.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { SweepParameters } from "../../../../src/contracts/parameters.ts";
import { runAlone } from "../../command-setting.ts";

const file = [0, 1, 2, 3].map((n) => `MYSTICETI_NODE${n}_HOST=10.0.1.${n}\n`).join("");

/** CommandBackend that stop each command where the nodes would be placed, and keep what it asked for. */
function stopped() {
  const asked: SweepParameters[] = [];
  const backend: Partial<CommandBackend> = {
    lock: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    chooseDeployer: async (parameters) => {
      asked.push(parameters);
      return { diagnostics: [{ code: "check-failed", message: "This far." }] };
    },
  };
  return { asked, backend };
}

test("remote-network asks for one load on the hosts of the file", async () => {
  const { asked, backend } = stopped();
  const argv = ["--hosts=h.env", "--transaction-rate=250", "--ssh-timeout=5"];
  const outcome = await runAlone(argv, { command: runRemoteNetwork, name: "remote-network", backend, file });
  expect(outcome).toMatchObject({ code: 2, diagnostics: ["This far."] });
  expect(asked).toMatchObject([
    {
      networkType: "remote",
      loadsTps: [250],
      numTransactions: 1000,
      remote: { sshTimeoutSecs: 5, hosts: [{ name: "host0" }, {}, {}, {}] },
    },
  ]);
});

test("benchmark --network-type remote asks for a sweep on them", async () => {
  const { asked, backend } = stopped();
  const argv = ["--network-type=remote", "--hosts=h.env", "--node-cpus=0.5", "--rpc-via=ssh"];
  await runAlone(argv, { command: runBenchmark, name: "benchmark", backend, file });
  expect(asked).toMatchObject([
    { networkType: "remote", loadsTps: [50, 100, 200], remote: { cpus: 0.5, rpcVia: "ssh" } },
  ]);
});

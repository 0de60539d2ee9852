/** Commands of docs/protocols.md and docs/remote.md. */
import { alone, orFailed, type Session, small } from "./documented-command.ts";

export const systemSessions: readonly Session[] = [
  // docs/protocols.md
  {
    ...alone(
      "processes",
      "npx benchmark --protocol cometbft --node-binary ~/go/bin/cometbft --loads 100 --duration 30",
      {
        more: small,
        says: /Protocol: cometbft/,
      },
    ),
    needs: "cometbft",
  },
  {
    ...alone(
      "processes",
      "npx benchmark --protocol ethereum --node-binary ~/.foundry/bin/anvil --committee 1 --loads 50,100 --duration 30",
      { more: [...small, "--allow-no-faults", "--duration=3"], says: /Protocol: ethereum/ },
    ),
    needs: "anvil",
  },
  {
    ...alone(
      "processes",
      "npx benchmark --protocol examples/etcd/etcd.yaml --runtime process --committee 3 --loads 100 --duration 30",
      { more: small, says: /Protocol: etcd/ },
    ),
    needs: "etcd",
  },
  {
    ...alone(
      "processes",
      "npx benchmark --protocol examples/etcd/etcd.yaml --runtime process --committee 3 --loads 100 --duration 45 --faults 1 --crash-recovery --crash-interval 8 --failover",
      { more: [...small, "--duration=12", "--crash-interval=6"], codes: orFailed, says: /node2 recover/ },
    ),
    needs: "etcd",
  },
  alone(
    "processes",
    "npx benchmark --protocol examples/native/native.yaml --runtime process --committee 4 --loads 100,200 --duration 30",
    { more: ["--loads=20", "--duration=3", "--warm-up=1"], codes: orFailed },
  ),
  // docs/remote.md
  {
    on: "hosts",
    commands: [
      { line: "npx baleen hosts check --hosts hosts.env", says: /host0/ },
      // docs/local.md; a machine without a cometbft has a fault.
      {
        line: "npx baleen doctor --hosts hosts.env --protocol cometbft",
        codes: [0, 1],
        says: /host0/,
      },
      {
        line: "npx benchmark --network-type remote --hosts hosts.env --loads 50,100 --duration 60 --cleanup",
        more: small,
      },
      { line: "npx benchmark --network-type remote --hosts hosts.env", more: [...small, "--cleanup"] },
      // docs/troubleshooting.md
      {
        line: "npx benchmark --network-type remote --hosts hosts.env --loads 50 --duration 5 --verbose --log-file run.log",
        more: [...small, "--cleanup"],
      },
      {
        line: "npx remote-network --hosts hosts.env --num-transactions 2000 --cleanup",
        more: ["--num-transactions=40", "--warm-up=0.5"],
        says: /Successful.*: 40\b/,
      },
      {
        line: "npx benchmark --network-type remote --hosts testbed.env --loads 50,100 --duration 10",
        more: small,
      },
      {
        line: "npx benchmark --network-type both --hosts hosts.env --loads 50,100",
        more: [...small, "--runtime=process", "--cleanup"],
        says: /20 tx\/s: no verdict/,
      },
      { line: "npx baleen hosts clean --hosts hosts.env", says: /volume/ },
      { line: "npx baleen hosts clean --hosts hosts.env --yes", says: /[Rr]emoved/ },
      // A tester's own test hosts would be replaced.
      {
        line: "npx baleen testbed up --count 4 --no-docker --hosts-file testbed.env",
        refusedFor: ["--count=17"],
      },
      { line: "npx baleen testbed down", says: /^/ },
      { line: "npx baleen testbed up --name second", refusedFor: ["--count=17"] },
      { line: "npx baleen testbed ls", says: /test hosts/ },
      { line: "npx baleen testbed down --name second", says: /^/ },
    ],
  },
];

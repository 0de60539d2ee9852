/**
 * The usage examples of the document that scripts, flags and defaults come from, as written there, but for the binaries:
 * there `cargo run --bin X --`, here `npx X`.
 */

/** One command line, split. */
export interface UsageExample {
  readonly line: string;
  /** What stands before the command: NAME=value. */
  readonly env: Readonly<Record<string, string>>;
  readonly binary: "benchmark" | "local-network" | "remote-network";
  readonly args: readonly string[];
}

const composeFile = "--docker-compose-path ./docker-compose.yml";
const network = "--num-transactions 2000 --transaction-size 1024 --transaction-rate 200 --startup-wait 45";
const sweep = "--network-type local --local-loads 100,500,1000 --duration 300 --transaction-size 1024";

export const localExamples = [
  "npx local-network",
  "npx local-network --cleanup",
  "RUST_LOG=debug npx local-network",
  "npx benchmark --network-type local",
  "RUST_LOG=debug npx benchmark --network-type local",
  "npx benchmark --network-type local --local-loads 100,500,1000",
  `npx benchmark ${sweep} --cleanup`,
  `npx benchmark ${sweep} --cleanup-thorough`,
].map(parse);

/** Those that need a ./docker-compose.yml. */
export const composeExamples = [
  `npx local-network ${composeFile} ${network} --cleanup`,
  `npx local-network ${composeFile} ${network} --cleanup-thorough`,
].map(parse);

export const remoteExamples = [
  "npx remote-network",
  "npx remote-network --num-transactions 5000 --transaction-size 2048 --transaction-rate 500 --startup-wait 120 --cleanup",
  "npx remote-network --num-transactions 2000 --transaction-rate 300 --cleanup",
  "npx benchmark --network-type remote",
  "npx benchmark --network-type remote --remote-loads 50,100,200",
  "npx benchmark --network-type remote --remote-loads 50,100,200 --duration 180 --committee 4 --cleanup",
].map(parse);

/** What the document has in the environment for these. */
export const remoteVariables = {
  MYSTICETI_NODE0_HOST: "192.168.1.10",
  MYSTICETI_NODE1_HOST: "192.168.1.11",
  MYSTICETI_NODE2_HOST: "192.168.1.12",
  MYSTICETI_NODE3_HOST: "192.168.1.13",
  MYSTICETI_NODE0_SSH_PORT: "22",
  MYSTICETI_NODE0_SSH_USER: "ubuntu",
  MYSTICETI_NODE0_SSH_KEY: "~/.ssh/my-key",
};

/** Flags that make it short; of a flag given twice the last one counts. */
export function shorten({ binary }: UsageExample): readonly string[] {
  const short =
    binary === "benchmark" ? ["--duration=1"] : ["--num-transactions=50", "--transaction-rate=100"];
  return [...short, "--warm-up=0"];
}

function parse(line: string): UsageExample {
  const words = line.split(" ");
  const at = words.indexOf("npx");
  const [binary, ...args] = words.slice(at + 1);
  if (binary !== "benchmark" && binary !== "local-network" && binary !== "remote-network") {
    throw new Error(`not the line of a binary: ${line}`);
  }
  const env = Object.fromEntries(words.slice(0, at).map((word) => word.split("=") as [string, string]));
  return { line, env, binary, args };
}

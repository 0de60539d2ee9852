/** What emulated links could leave in the network of this machine: read whole, but for what others have there now. */
import { platform } from "node:os";
import { CommandError, runCommand } from "../../src/core/process/command.ts";
import { dockerCommand, whyNoDocker } from "../deploy/real-engine.ts";

/** A network of the engine with its bridge, and all that stands about it in tables. */
interface EngineNetwork {
  readonly bridge: string;
  /** "172.20.0." */
  readonly addresses: readonly string[];
}

/** Each with its own words for a bridge, so that lines of others can be told by it. */
const listings = [
  ["iptables-save"],
  ["ip6tables-save"],
  ["nft", "list", "ruleset"],
  ["tc", "qdisc", "show"],
  ["ip", "-oneline", "link", "show"],
  ["ip", "-4", "route", "show", "table", "all"],
  ["ip", "netns", "list"],
] as const;

/**
 * Rules, queueing disciplines, interfaces, routes and named namespaces of this machine: a line each. Counters, times and
 * handles are left out, and so are networks of the engine that carry none of the runs' labels, since their owners make
 * and remove them meanwhile.
 */
export async function readMachineNetwork(runs: readonly string[]): Promise<string[]> {
  if (platform() !== "linux") return [];
  const others = await readOtherNetworks(runs);
  const texts = await Promise.all(listings.map(async (argv) => [argv.join(" "), await read(argv)] as const));
  const links = texts.find(([name]) => name.startsWith("ip -oneline"))?.[1] ?? "";
  const foreign = [...others.flatMap(({ bridge, addresses }) => [bridge, ...addresses]), "docker0"];
  // Ends of theirs are known by the bridge that they are on.
  const ports = links.split("\n").flatMap((line) => {
    const port = /^\d+: (veth[0-9a-f]+)/.exec(line)?.[1];
    const isTheirs = foreign.some((word) => line.includes(` master ${word} `));
    return port !== undefined && isTheirs ? [port] : [];
  });
  const words = [...foreign, ...ports];
  return texts.flatMap(([name, text]) =>
    text
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("#"))
      .filter((line) => !words.some((word) => line.includes(word)))
      .map((line) => `${name}: ${plain(line)}`),
  );
}

/** Without what counts and what is numbered anew: "[12:345]", "counter packets 1 bytes 2", "7: veth1@if6:". */
const plain = (line: string) =>
  line
    .replace(/\[\d+:\d+\]/, "[]")
    .replace(/counter packets \d+ bytes \d+/, "counter")
    .replace(/^\d+: /, "");

async function read(argv: readonly string[]): Promise<string> {
  try {
    return (await runCommand(argv, { env: process.env, timeoutMs: 10_000 })).stdout;
  } catch (error) {
    // A tool that is not installed has nothing to list.
    if (error instanceof CommandError && error.reason === "not-found") return "";
    throw error;
  }
}

async function readOtherNetworks(runs: readonly string[]): Promise<EngineNetwork[]> {
  if (whyNoDocker !== undefined) return [];
  const ids = (await dockerCommand("network", "ls", "--quiet", "--no-trunc")).split("\n").filter(Boolean);
  const found = await Promise.all(ids.map((id) => inspect(id)));
  return found.flatMap((network) => {
    if (network === undefined || runs.includes(network.Labels?.["baleen.run"] ?? "")) return [];
    const subnets = (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
    const addresses = subnets.map((subnet) => subnet.replace(/\.0(\.0)?\/\d+$/, "."));
    return [{ bridge: `br-${network.Id.slice(0, 12)}`, addresses }];
  });
}

interface InspectedNetwork {
  readonly Id: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null };
}

/** undefined where it is gone by now. */
async function inspect(id: string): Promise<InspectedNetwork | undefined> {
  const text = await dockerCommand("network", "inspect", "--format", "{{json .}}", id).catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as InspectedNetwork);
}

/** Network namespaces of nodes that are plain processes, joined by a bridge in a namespace of its own. */
import { randomInt } from "node:crypto";
import { mapBounded } from "../../../core/async.ts";
import { BaleenError } from "../../../core/errors.ts";
import { runCommand } from "../../../core/process/command.ts";
import { startPipedChild } from "../../../core/process/piped-child.ts";
import { ownPid } from "../../../core/process/processes.ts";
import { LinksError } from "../error.ts";
import { chooseSubnet, parseRoutes, type Subnet } from "./subnet.ts";
import type { NamespaceTools } from "./tools.ts";

/** Namespaces of the nodes of a network. Disposing releases them: they disappear with their last process. */
export interface Namespaces extends AsyncDisposable {
  readonly subnet: string;
  /** Interface of this machine that leads to the nodes. */
  readonly interface: string;
  readonly addressOf: (node: number) => string;
  /** "/proc/4711/ns/net" */
  readonly pathOf: (node: number) => string;
  /** How a program is started in the namespace of a node, given its own argv. */
  readonly argvOf: (node: number, argv: readonly string[]) => readonly string[];
}

const commandTimeoutMs = 30_000;
const startedAtOnce = 8;
/** A holder ends as soon as its input does. */
const graceMs = 2000;

type Holder = Awaited<ReturnType<typeof startHolder>>;

/**
 * Makes a namespace for each node and joins them. All of it is held by processes that end with their input, so that
 * nothing stays where this process is killed: an interface goes with the namespace of its other end.
 *
 * @throws LinksError, CommandError; then nothing is left
 */
export async function openNamespaces(
  nodes: number,
  tools: NamespaceTools,
  signal: AbortSignal,
): Promise<Namespaces> {
  const run = (argv: readonly string[], input?: string) =>
    runCommand(argv, { timeoutMs: commandTimeoutMs, signal, ...(input === undefined ? {} : { input }) });
  const routes = parseRoutes((await run([tools.ip, "-4", "route", "show", "table", "all"])).stdout);
  const subnet = chooseSubnet(nodes, routes, (below) => randomInt(below));
  if (subnet === undefined) {
    throw new LinksError(
      "Every subnet of 10.0.0.0/8 overlaps with a route of this machine. Use --runtime docker.",
    );
  }
  const holders: Holder[] = [];
  try {
    const place = Array.from({ length: nodes + 1 });
    const started = await mapBounded(place, startedAtOnce, async () => {
      const holder = await startHolder(tools);
      holders.push(holder);
      return holder;
    });
    const [bridge, ...ofNodes] = started.map(({ pid }) => pid);
    const into = (pid: number | undefined, ...argv: readonly string[]) => [
      ...[tools.nsenter, `--net=${pathOf(pid)}`, ...argv],
    ];
    const near = interfaceName(subnet);
    await run(into(bridge, tools.ip, "-batch", "-"), joinAll(ofNodes, near));
    await mapBounded(ofNodes, startedAtOnce, async (pid, node) => {
      await run(
        into(pid, tools.ip, "-batch", "-"),
        setUp("eth0", `${subnet.addressOf(node)}/${subnet.prefix}`),
      );
    });
    await run([tools.ip, "-batch", "-"], setUp(near, `${subnet.coordinator}/${subnet.prefix}`, false));
    return {
      subnet: subnet.text,
      interface: near,
      addressOf: subnet.addressOf,
      pathOf: (node) => pathOf(ofNodes[node]),
      argvOf: (node, argv) => into(ofNodes[node], "--", ...argv),
      [Symbol.asyncDispose]: () => endAll(holders),
    };
  } catch (error) {
    await endAll(holders);
    signal.throwIfAborted();
    if (!(error instanceof BaleenError) || error instanceof LinksError) throw error;
    throw new LinksError(`Cannot make network namespaces for the nodes: ${error.message}`, { cause: error });
  }
}

const pathOf = (pid: number | undefined) => `/proc/${pid}/ns/net`;

/** At most 15 characters. */
function interfaceName({ text }: Subnet): string {
  const [, second, third] = text.split(".");
  return `baleen${second}-${third}`;
}

/** A process that holds a namespace by being in it, until its input ends. */
async function startHolder({ unshare, cat }: NamespaceTools) {
  const holder = await startPipedChild({ argv: [unshare, "--net", "--", cat], env: {} });
  // Its first echo shows that unshare has become cat, inside the new namespace.
  const heard = new Promise<boolean>((resolve) => {
    holder.stdout.once("data", () => resolve(true));
    void holder.ended.then(() => resolve(false));
  });
  holder.stdin.write("\n");
  if (await heard) return holder;
  const { stderrTail } = await holder.ended;
  throw new LinksError(`Cannot make a network namespace: ${stderrTail.trim() || "unshare has ended"}.`);
}

async function endAll(holders: readonly Holder[]): Promise<void> {
  await Promise.allSettled(holders.map((holder) => holder.stop({ graceMs })));
}

/** A bridge, and a pair of interfaces from it to each node and to the namespace of this process. */
function joinAll(nodes: readonly number[], near: string): string {
  const port = (name: string, far: string, pid: number) => [
    `link add ${name} type veth peer name ${far} netns ${pid}`,
    `link set ${name} master bridge up`,
  ];
  const lines = [
    "link set lo up",
    "link add bridge type bridge",
    "link set bridge up",
    ...nodes.flatMap((pid, node) => port(`node${node}`, "eth0", pid)),
    ...port("coordinator", near, ownPid),
  ];
  return `${lines.join("\n")}\n`;
}

function setUp(name: string, address: string, hasOwnLoopback = true): string {
  const lines = [
    ...(hasOwnLoopback ? ["link set lo up"] : []),
    `addr add ${address} dev ${name}`,
    `link set ${name} up`,
  ];
  return `${lines.join("\n")}\n`;
}

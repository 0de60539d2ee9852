/** Rules of iptables that lead packets of a network namespace into its queue: text that iptables-restore reads. */

/** All our rules stand in this chain of the raw table, so that clean-up finds them and no others. */
export const chainName = "BALEEN-SHAPER";
/** A number that other programs are unlikely to use; each namespace has its own queues. */
export const queueNumber = 0xba1e;

const hooks = ["PREROUTING", "OUTPUT"] as const;

export interface QueueRules {
  /** Addresses of all other nodes. */
  readonly nodes: readonly string[];
  /** Whether packets from and to other addresses wait too. */
  readonly others: boolean;
  /** TCP ports whose packets do not. */
  readonly exemptPorts: readonly number[];
}

/** Packets pass at once as long as no process holds the queue. */
const queue = ["-j", "NFQUEUE", "--queue-num", String(queueNumber), "--queue-bypass"].join(" ");

/** Fills the chain, which is emptied first, in one step. */
export function rulesText({ nodes, others, exemptPorts }: QueueRules): string {
  const exempt = exemptPorts.flatMap((port) =>
    ["--dport", "--sport"].map((side) => `-p tcp ${side} ${port} -j RETURN`),
  );
  const inbound = nodes.map((address) => `-s ${address} ${queue}`);
  // What goes out to nodes waits at theirs. An interface that does not exist at a hook never matches there.
  const both = [
    "-i lo -j RETURN",
    "-o lo -j RETURN",
    ...nodes.map((address) => `-d ${address} -j RETURN`),
    queue,
  ];
  const rules = [...exempt, ...inbound, ...(others ? both : [])];
  return restoreText([`:${chainName} - [0:0]`, ...rules.map((rule) => `-A ${chainName} ${rule}`)]);
}

/** Makes packets go through the chain. @param listing what `iptables -S` says @returns undefined where they do */
export function jumpsText(listing: string, { others }: Pick<QueueRules, "others">): string | undefined {
  const present = listing.split("\n");
  const wanted = others ? hooks : hooks.slice(0, 1);
  const missing = wanted.map(jump).filter((line) => !present.includes(line));
  return missing.length === 0 ? undefined : restoreText(missing);
}

/** Removes all our rules. @param listing what `iptables -S` says @returns undefined where there are none */
export function removalText(listing: string): string | undefined {
  const lines = listing.split("\n");
  const jumps = lines.filter((line) => line.startsWith("-A ") && line.endsWith(` -j ${chainName}`));
  if (!lines.includes(`-N ${chainName}`)) return undefined;
  const removed = jumps.map((line) => line.replace("-A", "-D"));
  return restoreText([...removed, `-F ${chainName}`, `-X ${chainName}`]);
}

const jump = (hook: string) => `-A ${hook} -j ${chainName}`;
const restoreText = (lines: readonly string[]) => `*raw\n${lines.join("\n")}\nCOMMIT\n`;

import { mapBounded } from "../core/async.ts";
import { BaleenError } from "../core/errors.ts";
import { holderLabel, removeLeftovers, runLabel } from "../docker/ownership.ts";
import { innerAddress, portsOf } from "./remote-layout.ts";
import { doorProgram, parseWays, type Way, wayProgram } from "./remote-links.ts";
import { hostsAtOnce, type ReadyHost } from "./remote-session.ts";

/** Hosts that cannot reach one another on the validators' port. */
export class BlockedWayError extends BaleenError {
  /** "host0 → host1 (10.0.1.11:26656): no answer within 3 s" */
  readonly ways: readonly string[];

  constructor(ways: readonly string[]) {
    const many = ways.length === 1 ? "This way between hosts is" : `These ${ways.length} ways between hosts are`;
    const lines = ways.map((way) => `  ${way}`);
    super(
      "hosts-unreachable",
      `${many} blocked on the validators' port:\n${lines.join("\n")}\nOpen the port between the hosts (a security group or a firewall, as a rule), or give the address that they reach one another at (MYSTICETI_NODE…_PRIVATE_HOST).`,
    );
    this.ways = ways;
  }
}

export interface WayCheck {
  readonly hosts: readonly ReadyHost[];
  readonly image: string;
  readonly run: string;
  readonly holder: string;
  readonly signal: AbortSignal;
}

const wayTimeoutMs = 30_000;
const program = "/usr/local/bin/node";
/** Any port of a container; each of its host's peer ports leads there. */
const doorPort = 26_656;

/**
 * Tries the way from every host to every other one on all of its validators' ports, from containers as the nodes will
 * be, with something that listens there as they will.
 *
 * @throws BlockedWayError that names every way that is blocked
 */
export async function checkWays({ hosts, image, run, holder, signal }: WayCheck): Promise<void> {
  // With a label of its own, so that its end takes nothing else along.
  const label = `${run}-ways`;
  try {
    const doors = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
      const id = await engine.createContainer({
        image,
        name: `baleen-${label}`,
        entrypoint: [program, "-e", doorProgram],
        args: [String(doorPort)],
        labels: { [runLabel]: label, [holderLabel]: holder },
        env: {},
        volumes: [],
        ports: spec.nodes.map((_, slot) => ({
          hostAddress: "0.0.0.0",
          hostPort: portsOf(slot).peer,
          containerPort: doorPort,
        })),
      });
      await engine.start(id);
      return id;
    });
    const seen = await mapBounded(hosts, hostsAtOnce, async (host, i) => {
      const targets = hosts
        .filter((other) => other !== host)
        .flatMap(({ spec }) =>
          spec.nodes.map((_, slot) => ({
            spec,
            endpoint: { host: innerAddress(spec), port: portsOf(slot).peer },
          })),
        );
      const argv = [program, "-e", wayProgram, JSON.stringify(targets.map(({ endpoint }) => endpoint))];
      const { stdout, stderr, exitCode } = await host.engine.execIn(doors[i] ?? "", argv, {
        signal,
        timeoutMs: wayTimeoutMs,
      });
      if (exitCode !== 0) throw new BaleenError("way-check", `${host.spec.name}: ${stderr.trim()}`);
      const ways = parseWays(stdout, targets.length);
      return targets.flatMap(({ spec, endpoint }, k) => {
        const way: Way | undefined = ways[k];
        if (way?.state !== "blocked") return [];
        return [`${host.spec.name} → ${spec.name} (${endpoint.host}:${endpoint.port}): ${way.why}`];
      });
    });
    const blocked = seen.flat();
    if (blocked.length > 0) throw new BlockedWayError(blocked);
  } finally {
    await mapBounded(hosts, hostsAtOnce, ({ engine }) =>
      removeLeftovers(engine, label, { volumes: true, signal: AbortSignal.timeout(wayTimeoutMs) }),
    );
  }
}

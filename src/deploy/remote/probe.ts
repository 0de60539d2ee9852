/** What the ways between hosts are like before any network is on them. */
import type { Emit } from "../../contracts/events.ts";
import type { HostPath } from "../../contracts/hosts/host-report.ts";
import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { quoteArgv } from "../../core/text/quote.ts";
import type { Watch } from "../chosen-deployer.ts";
import type { Engine } from "../engine/engine.ts";
import { describeOwnHolder } from "../engine/ownership.ts";
import { checkFacts } from "../provision/check.ts";
import { checkHostList, leastMemoryBytesPerNode } from "./checks.ts";
import { sendImage } from "./images.ts";
import { innerAddress } from "./layout.ts";
import { buildIdleArgv, tryWays } from "./links.ts";
import { removeFromHosts } from "./network.ts";
import { describeContainer, type RemoteNodeOptions } from "./parts.ts";
import { hostsAtOnce, type OpenHost, type RemoteSession } from "./session.ts";
import { openImageSources, type SourceOptions } from "./sources.ts";

/** Handshakes from each host to each other one. */
export const probeHandshakes = 10;
/** Ways that a host tries at once: more would wait for each other there. */
const atOnce = 8;
const probeTimeoutMs = 120_000;
/** The image with Node.js, unpacked. */
const leastDiskBytes = 256 * 1024 ** 2;

/** How the image with Node.js is made, and for whom. */
export interface ProbeTools
  extends Pick<SourceOptions, "nodeBinary" | "env" | "imageCacheFolder">,
    Pick<RemoteNodeOptions, "who" | "hostFlags"> {}

interface ProbeOptions extends ProbeTools {
  readonly run: string;
  readonly watch: Watch;
}

/**
 * Measures the round trip from every host to every other one's SSH server, from containers in the hosts' own networks.
 *
 * @throws ConfigurationError that names what keeps each host from being measured
 * @throws BaleenError where no image came there, or something is left; the signal's reason
 */
export async function probeHosts(
  session: RemoteSession,
  options: ProbeOptions,
): Promise<readonly HostPath[]> {
  const { hosts } = session;
  const specs = hosts.map(({ spec }) => spec);
  const diagnostics = [
    ...session.diagnostics,
    ...checkHostList(0, specs),
    ...hosts.flatMap((host) => checkHost(host, options)),
  ];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const ready = hosts.flatMap((open) => (open.engine === undefined ? [] : { ...open, engine: open.engine }));
  const imageOf = await sendNode(ready, options);
  try {
    const paths = await mapBounded(ready, hostsAtOnce, (host) => {
      const others = ready.filter((other) => other !== host);
      return measureFrom(host, others, imageOf(host), options);
    });
    return paths.flat();
  } finally {
    await removeFromHosts(ready, options, { volumes: true });
  }
}

function checkHost(
  { spec, facts, engine }: OpenHost,
  { hostFlags = [] }: ProbeOptions,
): readonly Diagnostic[] {
  const found = checkFacts(facts, {
    ports: [],
    diskBytes: leastDiskBytes,
    memoryBytes: leastMemoryBytesPerNode,
  });
  if (engine !== undefined || found.length > 0) return found;
  const what =
    facts.docker.clientPath === undefined ? "Docker is not installed" : "its Docker engine does not answer";
  const remedy = quoteArgv(["npx", "baleen", "hosts", "prepare", ...hostFlags]);
  return [
    { code: "host-docker-down", message: `${spec.name}: ${what}. Install and start it with: ${remedy}` },
  ];
}

/** Puts Node.js on hosts. @returns the name of a host's image */
async function sendNode(hosts: readonly OpenHost<Engine>[], options: ProbeOptions) {
  const { run, watch } = options;
  const { signal } = watch;
  const emit: Emit = (event) => {
    if (event.type !== "network-step") return;
    const { host = "hosts", step, detail } = event;
    watch.onStep(host, step.replace(`${host}: `, ""), detail);
  };
  const sources = openImageSources(options);
  const images = new Map<OpenHost, string>();
  for (const alike of Map.groupBy(hosts, ({ facts }) => facts.architecture).values()) {
    const source = await sources.chooseBareNode(alike, signal);
    const image = await sendImage(alike, source, { run, signal, emit }, "the image with Node.js");
    for (const host of alike) images.set(host, image);
  }
  return (host: OpenHost) => images.get(host) ?? "";
}

/** Ways that could not be measured say why; it rejects with the signal's reason alone. */
async function measureFrom(
  { spec, engine }: OpenHost<Engine>,
  others: readonly OpenHost[],
  image: string,
  { run, who, watch: { signal, onStep } }: ProbeOptions,
): Promise<HostPath[]> {
  const targets = others.map((other) => ({ host: innerAddress(other.spec), port: other.spec.address.port }));
  onStep(spec.name, "measuring the round trips", `${probeHandshakes} handshakes with each other host`);
  const path = (place: number, seen: Pick<HostPath, "rttsMs" | "why">): HostPath => ({
    from: spec.name,
    to: others[place]?.spec.name ?? "",
    at: formatAuthority(targets[place] ?? { host: "", port: 0 }),
    ...seen,
  });
  try {
    const [entrypoint = "", ...args] = buildIdleArgv(2 * probeTimeoutMs);
    const holder = await describeOwnHolder(who);
    const id = await engine.createContainer({
      ...describeContainer({ options: { run }, holder }, "probe", image),
      ...{ entrypoint: [entrypoint], args, networkMode: "host" },
    });
    await engine.start(id);
    const limits = { signal, timeoutMs: probeTimeoutMs, patienceMs: 0, handshakes: probeHandshakes, atOnce };
    const ways = await tryWays(spec.name, targets, limits, (argv, most) => engine.execIn(id, argv, most));
    return ways.map((way, place) =>
      path(place, way.state === "open" ? { rttsMs: way.rttsMs } : { rttsMs: [], why: way.why }),
    );
  } catch (error) {
    signal.throwIfAborted();
    return targets.map((_, place) => path(place, { rttsMs: [], why: describeError(error) }));
  }
}

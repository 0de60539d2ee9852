/** What is done with hosts outside of runs: looking them over, making them ready, and cleaning them. */
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { HostLeftovers, HostPath, HostRemoval, HostReport } from "../../contracts/hosts/host-report.ts";
import type { SeenMachines } from "../../contracts/nodes/seen-node.ts";
import type { RemoteParameters } from "../../contracts/parameters.ts";
import { ConfigurationError, type Diagnostic, diagnosticsOf } from "../../core/errors.ts";
import type { HostCheckWatch, Watch } from "../chosen-deployer.ts";
import { listSeenContainers } from "../containers/seen.ts";
import type { Engine } from "../engine/engine.ts";
import {
  cacheLabel,
  describeThings,
  listLeftovers,
  removeCachedImages,
  removeLeftovers,
} from "../engine/ownership.ts";
import { joinRuns } from "../leftover-files.ts";
import { noteFacts } from "../provision/check.ts";
import { viewHostLock } from "../provision/lock/lock.ts";
import type { HostFacts } from "../provision/survey/facts.ts";
import { formatHost } from "../ssh/connect.ts";
import { checkOpenHosts } from "./checks.ts";
import { type CommitteeReport, reportCommittee } from "./committee.ts";
import { type ProbeTools, probeHosts } from "./probe.ts";
import { type OpenHost, prepareOpenHost, RemoteSession, type RemoteSessionOptions } from "./session.ts";

export type RemoteHosts = Readonly<ReturnType<typeof openRemoteHosts>>;

/**
 * Checks, prepares and cleans the hosts of a remote network, and shows the nodes on them. One that cannot be reached, or is not as it should be, is told in its report;
 * what concerns all of them rejects.
 *
 * @param optionsFor how the hosts are reached that were asked for
 * @param newRunId under which locks are taken where something is changed
 */
export function openRemoteHosts(
  optionsFor: (remote: RemoteParameters, watch: HostCheckWatch) => Promise<RemoteSessionOptions>,
  newRunId: () => string,
) {
  const open = async (remote: RemoteParameters, watch: HostCheckWatch, run?: string) =>
    RemoteSession.open(await optionsFor(remote, watch), run, watch.signal);
  return {
    /** Looks at all of them, and changes nothing there. */
    check: async (remote: RemoteParameters, watch: HostCheckWatch): Promise<readonly HostReport[]> => {
      await using session = await open(remote, watch);
      return await reportHosts(session, async (host) => host);
    },
    /** The same of hosts that are to hold a committee together. */
    checkCommittee: async (
      remote: RemoteParameters,
      watch: HostCheckWatch,
    ): Promise<CommitteeReport & { readonly hosts: readonly HostReport[] }> => {
      const options = await optionsFor(remote, watch);
      await using session = await RemoteSession.open(options, undefined, watch.signal);
      const hosts = await reportHosts(session, async (host) => host);
      return { hosts, ...(await reportCommittee(options.hosts, session.hosts)) };
    },
    /** Measures the ways between those for nodes, from containers that are removed again. */
    probe: async (
      remote: RemoteParameters,
      tools: ProbeTools,
      watch: Watch,
    ): Promise<readonly HostPath[]> => {
      const run = newRunId();
      await using session = await open({ ...remote, clientHosts: [] }, watch, run);
      return await probeHosts(session, { ...tools, run, watch });
    },
    /** Installs and starts what is missing, on all of them at once. */
    prepare: async (remote: RemoteParameters, watch: Watch): Promise<readonly HostReport[]> => {
      await using session = await open(remote, watch, newRunId());
      return await reportHosts(session, (host, steps) =>
        prepareOpenHost(host, {
          signal: watch.signal,
          onStep: (step, detail) => {
            steps.push(detail === undefined ? step : `${step}: ${detail}`);
            watch.onStep(host.spec.name, step, detail);
          },
        }),
      );
    },
    /** The nodes on them, over connections that stay until it is disposed of. */
    openNodes: async (remote: RemoteParameters, watch: Watch): Promise<SeenMachines> => {
      const session = await open(remote, watch);
      return {
        look: async () => {
          const asked = await askEngines(session, ({ engine, spec }) =>
            listSeenContainers(engine, spec.name),
          );
          return {
            nodes: asked.flatMap(({ found = [] }) => found),
            diagnostics: asked.flatMap(({ diagnostics }) => diagnostics),
          };
        },
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
      };
    },
    leftovers: async (remote: RemoteParameters, watch: Watch): Promise<readonly HostLeftovers[]> => {
      await using session = await open(remote, watch);
      const asked = await session.each((host) => listOnHost(host, watch.signal));
      return asked.map(({ spec, found, diagnostics }) => ({
        ...nameHost(spec),
        runs: [],
        images: [],
        ...found,
        diagnostics: [...diagnostics, ...(found?.diagnostics ?? [])],
      }));
    },
    /** Removes what these runs left, and with `images` what later runs would reuse. */
    remove: async (
      remote: RemoteParameters,
      what: { readonly runs: readonly string[]; readonly images: boolean },
      watch: Watch,
    ): Promise<readonly HostRemoval[]> => {
      await using session = await open(remote, watch);
      const removed = new Map<string, string[]>();
      const asked = await session.each(async (host) => {
        const runs: string[] = [];
        removed.set(host.spec.name, runs);
        return await removeOnHost(host, what, runs, watch);
      });
      return asked.map(({ spec: { name }, found: images = noImages, diagnostics }) => ({
        name,
        runs: removed.get(name) ?? [],
        images,
        diagnostics,
      }));
    },
  };
}

const nameHost = ({ name, address }: HostSpec) => ({ name, address: formatHost(address) });

async function reportHosts(
  session: RemoteSession,
  work: (open: OpenHost, steps: string[]) => Promise<OpenHost>,
): Promise<HostReport[]> {
  const reported = await session.each(async (host) => {
    const steps: string[] = [];
    try {
      const open = await work(host, steps);
      const diagnostics = await checkOpenHosts([open], session.hosts);
      return { ...reportFacts(open.facts), steps, diagnostics };
    } catch (error) {
      return { ...reportFacts(host.facts), diagnostics: diagnosticsOf(error) };
    }
  });
  return reported.map(({ spec, found, diagnostics }) => ({
    ...nameHost(spec),
    facts: [],
    notes: [],
    steps: [],
    diagnostics,
    ...found,
  }));
}

/** Asks the engine of each host; nothing is found where none answers. */
function askEngines<T>(session: RemoteSession, ask: (host: OpenHost<Engine>) => Promise<T>) {
  return session.each((open) => {
    const { engine } = open;
    if (engine === undefined) throw new ConfigurationError(whyUnknown(open));
    return ask({ ...open, engine });
  });
}

async function listOnHost(open: OpenHost, signal: AbortSignal) {
  const { host, engine } = open;
  const { holder, stale } = await viewHostLock(host, "list", { signal });
  const left = engine === undefined ? [] : await listLeftovers(engine);
  const images = (await engine?.listImages(cacheLabel)) ?? [];
  const files = stale.map(({ run, path }) => ({ run, inUse: false, what: [`lock file ${path}`] }));
  return {
    runs: joinRuns([
      ...left.map((one) => ({ run: one.run, inUse: one.run === holder?.run, what: describeThings(one) })),
      ...files,
    ]),
    images: images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags)),
    diagnostics: engine === undefined ? whyUnknown(open) : [],
  };
}

const noImages: HostRemoval["images"] = { removed: [], inUse: [] };

/** @param removed takes the runs of which something was removed, one by one */
async function removeOnHost(
  { spec: { name }, host, engine }: OpenHost,
  what: { readonly runs: readonly string[]; readonly images: boolean },
  removed: string[],
  { signal, onStep }: Watch,
): Promise<HostRemoval["images"]> {
  const { holder, stale } = await viewHostLock(host, "list", { signal });
  const left = engine === undefined ? [] : await listLeftovers(engine);
  for (const run of what.runs) {
    const [onEngine, inFiles] = [left, stale].map((things) => things.some((one) => one.run === run));
    if (run === holder?.run || !(onEngine || inFiles)) continue;
    onStep(name, `removing run ${run}`);
    if (onEngine && engine !== undefined) await removeLeftovers(engine, run, { volumes: true, signal });
    if (inFiles) await viewHostLock(host, "sweep", { signal });
    removed.push(run);
  }
  // Who holds the host may be about to use them.
  if (!what.images || holder !== undefined || engine === undefined) return noImages;
  return await removeCachedImages(engine);
}

/** Why nobody can say what is on a host: where there is no Docker at all, there is nothing. */
function whyUnknown({ spec, facts }: OpenHost): readonly Diagnostic[] {
  const { clientPath, engineFailure } = facts.docker;
  if (clientPath === undefined) return [];
  const message = `${spec.name}: cannot see what is left there, because its Docker engine does not answer (${engineFailure ?? "no reason given"}). Start it (systemctl start docker), and try again.`;
  return [{ code: "host-docker-down", message }];
}

const gibibytes = (bytes: number | undefined) =>
  bytes === undefined ? "unknown" : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

function reportFacts(facts: HostFacts): Pick<HostReport, "facts" | "notes"> {
  const { docker, clockSynchronized: kept } = facts;
  const access = docker.engine?.access.kind === "sudo" ? "with sudo" : "through its socket";
  return {
    facts: [
      ["System", facts.osName ?? facts.kernelName ?? "unknown"],
      ["Processor", `${facts.cpus ?? "?"} × ${facts.architecture ?? "unknown"}`],
      ["Memory free", gibibytes(facts.memoryAvailableBytes)],
      ["Disk free", gibibytes(facts.dataDisk?.freeBytes)],
      ["Clock", kept === undefined ? "unknown" : `${kept ? "" : "not "}synchronized`],
      ["sudo", facts.sudo],
      ["Docker", docker.engine === undefined ? "no engine answers" : `${docker.engine.version}, ${access}`],
    ],
    notes: noteFacts(facts),
  };
}

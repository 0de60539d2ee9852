/** What is done with hosts outside of runs: looking them over, making them ready, and cleaning them. */
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { HostLeftovers, HostRemoval, HostReport } from "../../contracts/hosts/host-report.ts";
import type { SeenMachines, SeenNodes } from "../../contracts/nodes/seen-node.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError, type Diagnostic } from "../../core/errors.ts";
import { listSeenContainers } from "../containers/seen.ts";
import type { Watch } from "../deployers.ts";
import {
  cacheLabel,
  describeThings,
  listLeftovers,
  removeCachedImages,
  removeLeftovers,
} from "../engine/ownership.ts";
import { noteFacts } from "../provision/check.ts";
import { readHostLock } from "../provision/lock/lock.ts";
import type { HostFacts } from "../provision/survey/facts.ts";
import { formatHost } from "../ssh/connect.ts";
import { checkOpenHosts } from "./checks.ts";
import {
  hostsAtOnce,
  type OpenHost,
  prepareOpenHost,
  type ReadyHost,
  RemoteSession,
  type RemoteSessionOptions,
} from "./session.ts";

/** Looks at all hosts, and changes nothing. */
export async function checkRemoteHosts(
  options: RemoteSessionOptions,
  { signal }: Watch,
): Promise<HostReport[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  return await reportHosts(options, session, async (open) => open);
}

/**
 * Installs and starts what is missing, on all hosts at once, each held by its lock meanwhile.
 *
 * @param run under which the locks are taken
 */
export async function prepareRemoteHosts(
  options: RemoteSessionOptions,
  run: string,
  { signal, onStep }: Watch,
): Promise<HostReport[]> {
  await using session = new RemoteSession(options);
  await session.open(run, signal);
  return await reportHosts(options, session, (open, steps) =>
    prepareOpenHost(open, {
      signal,
      onStep: (step, detail) => {
        steps.push(detail === undefined ? step : `${step}: ${detail}`);
        onStep(open.spec.name, step, detail);
      },
    }),
  );
}

async function reportHosts(
  { hosts }: RemoteSessionOptions,
  session: RemoteSession,
  work: (open: OpenHost, steps: string[]) => Promise<OpenHost>,
): Promise<HostReport[]> {
  return mapBounded(hosts, hostsAtOnce, async (spec): Promise<HostReport> => {
    const none = { name: spec.name, address: formatHost(spec.address), facts: [], notes: [], steps: [] };
    const found = session.find(spec);
    if ("code" in found) return { ...none, diagnostics: [found] };
    const steps: string[] = [];
    try {
      const open = await work(found, steps);
      const diagnostics = await checkOpenHosts([open], session.hosts);
      return { ...none, ...reportFacts(open.facts), diagnostics, steps };
    } catch (error) {
      return { ...none, ...reportFacts(found.facts), diagnostics: [diagnosticOf(error)] };
    }
  });
}

/** What came of asking the engine of a host; no result where none answers, or the host cannot be reached. */
interface Asked<T> {
  readonly spec: HostSpec;
  readonly found?: T;
  readonly diagnostics: readonly Diagnostic[];
}

function askEngines<T>(
  { hosts }: RemoteSessionOptions,
  session: RemoteSession,
  ask: (ready: ReadyHost) => Promise<T>,
): Promise<Asked<T>[]> {
  return mapBounded(hosts, hostsAtOnce, async (spec) => {
    const open = session.find(spec);
    if ("code" in open) return { spec, diagnostics: [open] };
    const { engine } = open;
    if (engine === undefined) return { spec, diagnostics: whyUnknown(open) };
    try {
      return { spec, found: await ask({ ...open, engine }), diagnostics: [] };
    } catch (error) {
      return { spec, diagnostics: [diagnosticOf(error)] };
    }
  });
}

/** Looks for the nodes on all hosts, over connections that stay. */
export async function openSeenHosts(
  options: RemoteSessionOptions,
  signal: AbortSignal,
): Promise<SeenMachines> {
  const session = new RemoteSession(options);
  await session.open(undefined, signal);
  const look = async (): Promise<SeenNodes> => {
    const asked = await askEngines(options, session, ({ engine, spec }) =>
      listSeenContainers(engine, spec.name),
    );
    return {
      nodes: asked.flatMap(({ found = [] }) => found),
      diagnostics: asked.flatMap(({ diagnostics }) => diagnostics),
    };
  };
  return { look, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

/** Lists what runs and images of ours are on all hosts. */
export async function listHostLeftovers(
  options: RemoteSessionOptions,
  { signal }: Watch,
): Promise<HostLeftovers[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  const asked = await askEngines(options, session, async ({ host, engine }) => {
    const holder = await readHostLock(host, { signal });
    const left = await listLeftovers(engine);
    const images = await engine.listImages(cacheLabel);
    return {
      runs: left.map((one) => ({
        run: one.run,
        inUse: one.run === holder?.run,
        what: describeThings(one),
      })),
      images: images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags)),
    };
  });
  return asked.map(({ spec, found = { runs: [], images: [] }, diagnostics }) => ({
    name: spec.name,
    address: formatHost(spec.address),
    ...found,
    diagnostics,
  }));
}

/** Removes what carries the labels of these runs from all hosts; what is in use stays. */
export async function removeFromRemoteHosts(
  options: RemoteSessionOptions,
  what: { readonly runs: readonly string[]; readonly images: boolean },
  { signal, onStep }: Watch,
): Promise<HostRemoval[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  const removed: { readonly host: string; readonly run: string }[] = [];
  const asked = await askEngines(options, session, async ({ spec, host, engine }) => {
    const holder = await readHostLock(host, { signal });
    const present = new Set((await listLeftovers(engine)).map(({ run }) => run));
    for (const run of what.runs) {
      if (run === holder?.run || !present.has(run)) continue;
      onStep(spec.name, `removing run ${run}`);
      await removeLeftovers(engine, run, { volumes: true, signal });
      removed.push({ host: spec.name, run });
    }
    // Who holds the host may be about to use them.
    return what.images && holder === undefined ? await removeCachedImages(engine) : undefined;
  });
  return asked.map(({ spec: { name }, found: images = { removed: [], inUse: [] }, diagnostics }) => ({
    name,
    runs: removed.filter(({ host }) => host === name).map(({ run }) => run),
    images,
    diagnostics,
  }));
}

/** Why nobody can say what is on a host: where there is no Docker at all, there is nothing. */
function whyUnknown({ spec, facts }: OpenHost): readonly Diagnostic[] {
  const { clientPath, engineFailure } = facts.docker;
  if (clientPath === undefined) return [];
  const message = `${spec.name}: cannot see what is left there, because its Docker engine does not answer (${engineFailure ?? "no reason given"}). Start it (systemctl start docker), and try again.`;
  return [{ code: "host-docker-down", message }];
}

function diagnosticOf(error: unknown): Diagnostic {
  if (!(error instanceof BaleenError)) throw error;
  return { code: error.code, message: error.message };
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

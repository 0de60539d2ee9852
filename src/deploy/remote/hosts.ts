/** What is done with hosts outside of runs: looking them over, making them ready, and cleaning them. */
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { HostFact, HostLeftovers, HostRemoval, HostReport } from "../../contracts/hosts/host-report.ts";
import type { SeenMachines, SeenNodes } from "../../contracts/nodes/seen-node.ts";
import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError, type Diagnostic } from "../../core/errors.ts";
import { listSeenContainers } from "../containers/seen.ts";
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
import { checkOpenHosts } from "./checks.ts";
import {
  hostsAtOnce,
  type OpenHost,
  prepareOpenHost,
  RemoteSession,
  type RemoteSessionOptions,
} from "./session.ts";

/** How work on hosts is followed and ended. */
export interface HostWatch {
  readonly signal: AbortSignal;
  /** Told of each step: on which host, what is done, and more about it. */
  readonly onStep: (host: string, step: string, detail?: string) => void;
}

/** Looks at all hosts, and changes nothing. */
export async function checkRemoteHosts(
  options: RemoteSessionOptions,
  { signal }: HostWatch,
): Promise<HostReport[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  return await reportHosts(options, session, async (open) => ({ open, steps: [] }));
}

/**
 * Installs and starts what is missing, on all hosts at once, each held by its lock meanwhile.
 *
 * @param run under which the locks are taken
 */
export async function prepareRemoteHosts(
  options: RemoteSessionOptions,
  run: string,
  { signal, onStep }: HostWatch,
): Promise<HostReport[]> {
  await using session = new RemoteSession(options);
  await session.open(run, signal);
  return await reportHosts(options, session, async (open) => {
    const steps: string[] = [];
    const ready = await prepareOpenHost(open, {
      signal,
      onStep: (step, detail) => {
        steps.push(detail === undefined ? step : `${step}: ${detail}`);
        onStep(open.spec.name, step, detail);
      },
    });
    return { open: ready, steps };
  });
}

async function reportHosts(
  { hosts }: RemoteSessionOptions,
  session: RemoteSession,
  work: (open: OpenHost) => Promise<{ readonly open: OpenHost; readonly steps: readonly string[] }>,
): Promise<HostReport[]> {
  return mapBounded(hosts, hostsAtOnce, async (spec): Promise<HostReport> => {
    const [name, address] = [spec.name, formatAddress(spec)];
    const found = session.hosts.find((open) => open.spec.name === name);
    const failure = session.failureOf(name);
    if (found === undefined) {
      return { name, address, facts: [], notes: [], diagnostics: toList(failure), steps: [] };
    }
    try {
      const { open, steps } = await work(found);
      const diagnostics = await checkOpenHosts([open], session.hosts);
      return { name, address, ...reportFacts(open.facts), diagnostics, steps };
    } catch (error) {
      return { name, address, ...reportFacts(found.facts), diagnostics: [diagnosticOf(error)], steps: [] };
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
    const diagnostics: Diagnostic[] = [];
    const found = await mapBounded(options.hosts, hostsAtOnce, async ({ name }) => {
      const open = session.hosts.find((each) => each.spec.name === name);
      try {
        if (open?.engine !== undefined) return await listSeenContainers(open.engine, name);
        diagnostics.push(...whyUnknown(open, session.failureOf(name)));
      } catch (error) {
        diagnostics.push(diagnosticOf(error));
      }
      return [];
    });
    return { nodes: found.flat(), diagnostics };
  };
  return { look, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

/** Lists what runs and images of ours are on all hosts. */
export async function listHostLeftovers(
  options: RemoteSessionOptions,
  { signal }: HostWatch,
): Promise<HostLeftovers[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  return await mapBounded(options.hosts, hostsAtOnce, async (spec): Promise<HostLeftovers> => {
    const [name, address] = [spec.name, formatAddress(spec)];
    const open = session.hosts.find((each) => each.spec.name === name);
    const none = { name, address, runs: [], images: [] };
    if (open?.engine === undefined)
      return { ...none, diagnostics: whyUnknown(open, session.failureOf(name)) };
    try {
      const holder = await readHostLock(open.host, { signal });
      const left = await listLeftovers(open.engine);
      const images = await open.engine.listImages(cacheLabel);
      return {
        ...none,
        runs: left.map((one) => ({
          run: one.run,
          inUse: one.run === holder?.run,
          what: describeThings(one),
        })),
        images: images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags)),
        diagnostics: [],
      };
    } catch (error) {
      return { ...none, diagnostics: [diagnosticOf(error)] };
    }
  });
}

/** Removes what carries the labels of these runs from all hosts; what is in use stays. */
export async function removeFromRemoteHosts(
  options: RemoteSessionOptions,
  what: { readonly runs: readonly string[]; readonly images: boolean },
  { signal, onStep }: HostWatch,
): Promise<HostRemoval[]> {
  await using session = new RemoteSession(options);
  await session.open(undefined, signal);
  return await mapBounded(options.hosts, hostsAtOnce, async ({ name }): Promise<HostRemoval> => {
    const open = session.hosts.find((each) => each.spec.name === name);
    const removed: string[] = [];
    const none = { name, runs: removed, images: { removed: [], inUse: [] } };
    if (open?.engine === undefined)
      return { ...none, diagnostics: whyUnknown(open, session.failureOf(name)) };
    try {
      const holder = await readHostLock(open.host, { signal });
      const present = new Set((await listLeftovers(open.engine)).map(({ run }) => run));
      for (const run of what.runs) {
        if (run === holder?.run || !present.has(run)) continue;
        onStep(name, `removing run ${run}`);
        await removeLeftovers(open.engine, run, { volumes: true, signal });
        removed.push(run);
      }
      // Who holds the host may be about to use them.
      const images =
        what.images && holder === undefined ? await removeCachedImages(open.engine) : none.images;
      return { ...none, images, diagnostics: [] };
    } catch (error) {
      return { ...none, diagnostics: [diagnosticOf(error)] };
    }
  });
}

function formatAddress({ address: { user, host, port } }: HostSpec): string {
  return `${user}@${formatAuthority({ host, port })}`;
}

/** Why nobody can say what is on a host: where there is no Docker at all, there is nothing. */
function whyUnknown(open: OpenHost | undefined, failure: Diagnostic | undefined): readonly Diagnostic[] {
  if (failure !== undefined || open === undefined) return toList(failure);
  const { clientPath, engineFailure } = open.facts.docker;
  if (clientPath === undefined) return [];
  const message = `${open.spec.name}: what is left there cannot be seen, since its Docker engine does not answer (${engineFailure ?? "it gives no reason"}). Start it (systemctl start docker), and try again.`;
  return [{ code: "host-docker-down", message }];
}

function toList(diagnostic: Diagnostic | undefined): readonly Diagnostic[] {
  return diagnostic === undefined ? [] : [diagnostic];
}

function diagnosticOf(error: unknown): Diagnostic {
  if (!(error instanceof BaleenError)) throw error;
  return { code: error.code, message: error.message };
}

const gibibytes = (bytes: number | undefined) =>
  bytes === undefined ? "unknown" : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

function reportFacts(facts: HostFacts): Pick<HostReport, "facts" | "notes"> {
  return { facts: formatFacts(facts), notes: noteFacts(facts) };
}

function formatFacts(facts: HostFacts): HostFact[] {
  const { engine } = facts.docker;
  const access = engine?.access.kind === "sudo" ? "by sudo" : "by its socket";
  return [
    ["System", facts.osName ?? facts.kernelName ?? "unknown"],
    ["Processor", `${facts.cpus ?? "?"} × ${facts.architecture ?? "unknown"}`],
    ["Memory free", gibibytes(facts.memoryAvailableBytes)],
    ["Disk free", gibibytes(facts.dataDisk?.freeBytes)],
    [
      "Clock",
      facts.clockSynchronized === undefined
        ? "unknown"
        : facts.clockSynchronized
          ? "synchronized"
          : "not synchronized",
    ],
    ["sudo", facts.sudo],
    ["Docker", engine === undefined ? "none answers" : `${engine.version}, ${access}`],
  ];
}

import type { NodeExit } from "../../contracts/deployment.ts";
import { type GroundRecord, type MoveRecord, writtenPositions } from "../../contracts/links/ground.ts";
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import {
  type LinkCertificate,
  type LinkProbes,
  linkProbesForm,
} from "../../contracts/results/links/link-certificate.ts";
import { asPublished } from "../../core/documents/write-form.ts";
import { planTimeline } from "../../links/timeline/compile.ts";
import { phaseLengths } from "../../load/level/phases.ts";
import { type Level, planLevel } from "../../load/level/plan-level.ts";
import { certifyLinks } from "../../results/analysis/links/certify.ts";
import { TimelineDriver, type TimelineOutcome } from "../faults/driver.ts";
import { ManualEntries } from "../faults/manual-links.ts";
import type { LinkCertifier } from "../links/certifier.ts";
import { GroundEvents } from "../links/ground-events.ts";
import { controlLinks, openCertifier, timelineSettings, timelineSteps } from "../links/open.ts";
import { type FiguresByNode, type NodeObservations, readNodeFigures } from "../watch/node-figures.ts";
import type { RunRequest } from "../watch/run-request.ts";
import type { LevelRequest } from "./workload.ts";

/** What a run's load comes to, with all that is done to nodes and links. @throws ConfigurationError; InvalidArgumentError */
export function levelOf(request: RunRequest): Level {
  const { parameters, loadTps } = request;
  return planLevel(parameters, loadTps, timelineSteps(request, phaseLengths(parameters, loadTps).windowSecs));
}

/** What became of a network in a window, whoever made its load. */
export interface WindowRecords extends NodeObservations, Omit<TimelineOutcome, "moves"> {
  /** Both absent where links are not emulated. */
  readonly linkProbes: LinkProbes | undefined;
  readonly linkCertificate: LinkCertificate | undefined;
}

/** undefined where nobody may change links by hand, or there are none. */
function openManual(request: RunRequest, windowSecs: number): ManualEntries | undefined {
  const { manual, links, network, parameters } = request;
  if (manual === undefined || links === undefined || network.links === undefined) return undefined;
  const settings = timelineSettings(request, windowSecs);
  return new ManualEntries({
    planned: parameters.timeline?.entries ?? [],
    nodes: links.matrix.nodes,
    mechanism: network.links.mechanism,
    plan: (entries, manualFrom) => planTimeline(entries, { ...settings, manualFrom }),
  });
}

/** undefined where nodes have no positions. */
function recordGround(
  matrix: LinkMatrix | undefined,
  moves: readonly MoveRecord[],
): GroundRecord | undefined {
  if (matrix?.ground === undefined) return undefined;
  const { space, tickMs, positions } = matrix.ground;
  const start = writtenPositions(positions);
  const nodes = matrix.nodes.map(({ name, group, region }) => ({ name, group, region }));
  return { space, tickMs, nodes, start, moves: [...moves] };
}

export type WindowRequest = RunRequest & Pick<LevelRequest, "bundle">;

/**
 * A measurement window of a ready network. Follows the timeline, measures emulated links before, during and after it,
 * reads the nodes' own figures at both edges, and listens for nodes that end. Disposed of, it leaves all links as they
 * were asked for, and no node paused; a network that goes on has its crashed nodes back.
 */
export class MeasuredWindow implements AsyncDisposable {
  readonly #request: WindowRequest;
  readonly #manual: ManualEntries | undefined;
  readonly #driver: TimelineDriver;
  readonly #certifier: LinkCertifier | undefined;
  readonly #exits: NodeExit[] = [];
  readonly #stopListening: () => void;
  #before: Promise<FiguresByNode> | undefined;
  #after: Promise<FiguresByNode> | undefined;
  #probed: Promise<void> | undefined;
  #open: Disposable | undefined;

  /** @param underLoad whether the nodes send their load also while links are measured before and after the window */
  constructor(
    request: WindowRequest,
    { lengths: { windowSecs }, steps }: Pick<Level, "lengths" | "steps">,
    { underLoad }: { readonly underLoad: boolean },
  ) {
    const { network, parameters, emit } = request;
    this.#request = request;
    const links = controlLinks(request);
    this.#manual = openManual(request, windowSecs);
    this.#driver = new TimelineDriver({
      ...request,
      steps,
      windowMs: windowSecs * 1000,
      links,
      ground: links && request.links && new GroundEvents(request.links.matrix, emit),
      manual: this.#manual,
      recoveryTimeoutMs: parameters.startupWaitSecs * 1000,
    });
    const unreachable = () => this.#driver.crashed();
    this.#certifier = openCertifier(request, links, { windowSecs, underLoad, unreachable });
    this.#stopListening = network.onExit((exit) => {
      this.#exits.push(exit);
      emit({ type: "node-exited", ...exit });
    });
  }

  /** Before the load of a run, or before the warm-up where nodes make it. */
  async measureLinks(): Promise<void> {
    await this.#certifier?.before();
  }

  /** The window begins. @param windowMs on the monotonic clock */
  begin(windowMs: number): void {
    this.#driver.begin(windowMs);
    const { manual, bundle } = this.#request;
    if (this.#manual !== undefined && bundle !== undefined) {
      this.#open = manual?.open({ folder: bundle.folder, change: (entry) => this.#driver.change(entry) });
    }
    this.#certifier?.begin(windowMs);
    this.#before = readNodeFigures(this.#request);
  }

  /** The window ends, once. */
  end(): void {
    this.#open?.[Symbol.dispose]();
    this.#after ??= readNodeFigures(this.#request);
    this.#probed ??= this.#certifier?.end();
  }

  /** Nodes that are down on purpose. */
  down(): ReadonlySet<NodeName> {
    return this.#driver.down();
  }

  /** Nodes that have ended by themselves. */
  get exits(): readonly NodeExit[] {
    return this.#exits;
  }

  /** All that was recorded, once the timeline has had its effects and the links are measured again. */
  async finish(): Promise<WindowRecords> {
    const outcome = await this.#driver.finish();
    this.end();
    await this.#probed;
    await this.#certifier?.after();
    const probes = this.#certifier?.finish();
    const ground = recordGround(this.#request.links?.matrix, outcome.moves);
    const manualChanges = this.#manual?.count || undefined;
    const linkProbes = probes && { ...probes, ground, manualChanges };
    if (manualChanges !== undefined) await this.#keepTimeline();
    const figures = { before: await this.#before, after: (await this.#after) ?? new Map() };
    return {
      ...outcome,
      exits: this.#exits,
      figures,
      linkProbes,
      linkCertificate: linkProbes && certifyLinks(asPublished(linkProbesForm, linkProbes)),
    };
  }

  /** What was planned, and what a person added, as a timeline that can be used again. */
  async #keepTimeline(): Promise<void> {
    const { bundle, benchmarkNumber } = this.#request;
    await bundle?.writeTimeline(benchmarkNumber, this.#manual?.entries ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open?.[Symbol.dispose]();
    this.#stopListening();
    await Promise.allSettled([this.#before, this.#after]);
    await this.#certifier?.[Symbol.asyncDispose]();
    await this.#driver[Symbol.asyncDispose]();
    if (this.#request.networkGoesOn === true) await this.#driver.restore();
  }
}

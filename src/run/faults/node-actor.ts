import type { NetworkNode } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { NodeAction, NodeStep } from "../../contracts/links/timeline.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { FaultRecord } from "../../contracts/results/faults.ts";
import { describeError, InvalidArgumentError } from "../../core/errors.ts";
import { crashNode, type EffectView, pauseNode, recoverNode } from "./effects.ts";

interface NodeActorOptions extends EffectView {
  readonly emit: Emit;
  readonly nowSecs: () => number;
  readonly recoveryTimeoutMs: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** As results call them. */
const publishedActions = { crash: "crash", restart: "recover", pause: "pause", resume: "resume" } as const;

interface DownNode {
  /** recovering: it was started, or went on, and has not caught up. */
  readonly how: "crashed" | "paused" | "recovering";
  /** By a crash of `--faults`. */
  readonly inTurn: boolean;
}

/** Does to nodes what steps say, to each one thing after the other, and records it. */
export class NodeActor {
  readonly #options: NodeActorOptions;
  readonly #records: Mutable<FaultRecord>[] = [];
  /** Ordered to crash or to pause, and not seen to be back. */
  readonly #down = new Map<NodeName, DownNode>();
  readonly #last = new Map<NodeName, Promise<void>>();
  /** What still waits for a node to catch up; the next thing that is done to it ends that. */
  readonly #waiting = new Map<NodeName, AbortController>();

  constructor(options: NodeActorOptions) {
    this.#options = options;
  }

  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  down(): ReadonlySet<NodeName> {
    return new Set(this.#down.keys());
  }

  crashed(): ReadonlySet<NodeName> {
    return new Set(this.#names(({ how }) => how === "crashed"));
  }

  paused(): NodeName[] {
    return this.#names(({ how }) => how === "paused");
  }

  /** Crashed by `--faults`. */
  inTurn(): NodeName[] {
    return this.#names(({ inTurn }) => inTurn);
  }

  #names(which: (node: DownNode) => boolean): NodeName[] {
    return [...this.#down].flatMap(([name, node]) => (which(node) ? [name] : []));
  }

  isBack(name: NodeName): void {
    this.#down.delete(name);
  }

  /** Once nothing is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }

  /**
   * One promise for each node, which rejects on abort alone: what fails is recorded, and the run goes on.
   * @param obstacle why it cannot be done
   */
  act(step: NodeStep, obstacle?: string): Promise<void>[] {
    return step.nodes.map((place) => {
      const node = this.#options.network.nodes[place];
      if (node === undefined)
        throw new InvalidArgumentError(`The network has no node ${place} to ${step.action}.`);
      const record = this.#record(node, step);
      // The next thing does not wait until a node that was started before has caught up.
      this.#waiting.get(node.name)?.abort(new Superseded());
      const work = (this.#last.get(node.name) ?? Promise.resolve()).then(() => {
        const why = obstacle ?? this.#contradiction(node.name, step.action);
        return why === undefined ? this.#carryOut(record, node, step) : this.#fail(record, why);
      });
      this.#last.set(
        node.name,
        work.catch(() => {}),
      );
      return work;
    });
  }

  /** Lets all paused nodes go on. */
  resumeAll(atMs: number): Promise<void>[] {
    const { nodes } = this.#options.network;
    const paused = new Set(this.paused());
    const places = nodes.flatMap(({ name }, place) => (paused.has(name) ? [place] : []));
    return this.act({ kind: "nodes", atMs, action: "resume", nodes: places });
  }

  #contradiction(name: NodeName, action: NodeAction): string | undefined {
    const how = this.#down.get(name)?.how;
    if (action === "restart") return how === "crashed" ? undefined : "it had not crashed";
    if (action === "resume") return how === "paused" ? undefined : "it was not paused";
    if (how === "crashed") return "it had crashed already";
    return action === "pause" && how === "paused" ? "it was paused already" : undefined;
  }

  async #carryOut(record: Mutable<FaultRecord>, node: NetworkNode, step: NodeStep): Promise<void> {
    const { emit, nowSecs, signal } = this.#options;
    record.issuedSecs = nowSecs();
    emit({ type: "fault", stage: "issued", ...record });
    try {
      await this.#effect(record, node, step);
    } catch (error) {
      // The next step for this node has come before it was back.
      if (error instanceof Superseded) return;
      signal.throwIfAborted();
      return this.#fail(record, describeError(error));
    }
    record.effectiveSecs = nowSecs();
    emit({ type: "fault", stage: "effective", ...record });
  }

  async #effect(record: Mutable<FaultRecord>, node: NetworkNode, { action, waits }: NodeStep): Promise<void> {
    if (action === "crash" || action === "pause") {
      this.#down.set(node.name, { how: action === "crash" ? "crashed" : "paused", inTurn: waits === true });
      return await (action === "crash" ? crashNode(node, this.#options) : pauseNode(node, this.#options));
    }
    const { nowSecs, recoveryTimeoutMs: timeoutMs, signal } = this.#options;
    const waiting = new AbortController();
    this.#waiting.set(node.name, waiting);
    const isLast = () => this.#records.findLast((one) => one.node === node.name) === record;
    const view = { ...this.#options, signal: AbortSignal.any([signal, waiting.signal]) };
    await recoverNode(node, view, {
      begin: async () => {
        await (action === "restart" ? node.start() : node.resume());
        const inTurn = this.#down.get(node.name)?.inTurn ?? false;
        this.#down.set(node.name, { how: "recovering", inTurn });
        if (isLast()) return;
        throw new Superseded();
      },
      timeoutMs,
      onAnswer: () => {
        record.answersSecs = nowSecs();
      },
    });
    this.#down.delete(node.name);
  }

  #record(node: NetworkNode, { action, atMs }: NodeStep): Mutable<FaultRecord> {
    const record: Mutable<FaultRecord> = {
      node: node.name,
      action: publishedActions[action],
      askedSecs: atMs / 1000,
    };
    this.#records.push(record);
    return record;
  }

  #fail(record: Mutable<FaultRecord>, failure: string): void {
    record.failure = failure;
    this.#options.emit({ type: "fault", stage: "failed", ...record });
  }
}

/** A later step for the same node has taken over. */
class Superseded extends Error {}

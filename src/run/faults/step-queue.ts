import type { LinkStep, NodeStep, TimelineStep } from "../../contracts/links/timeline.ts";
import type { Steps } from "../../load/timeline/steps.ts";

/** Steps that are still to come, in order; of one moment, those of nodes first. Those of links can be replaced. */
export class StepQueue {
  readonly #nodes: NodeStep[];
  #links: Iterator<LinkStep>;
  #nextLink: LinkStep | undefined;

  constructor(steps: Steps) {
    this.#nodes = steps.filter((step) => step.kind === "nodes");
    this.#links = steps.filter((step) => step.kind === "links").values();
    this.#nextLink = this.#pull();
  }

  /** undefined: there are no more. */
  get next(): TimelineStep | undefined {
    const [node, link] = [this.#nodes[0], this.#nextLink];
    if (node === undefined || link === undefined) return node ?? link;
    return node.atMs <= link.atMs ? node : link;
  }

  /** Takes the next one away. */
  take(): void {
    if (this.next?.kind === "nodes") this.#nodes.shift();
    else this.#nextLink = this.#pull();
  }

  /** From a time on, links follow other steps. @param steps in order, none before that time */
  replaceLinks(fromMs: number, steps: Iterable<LinkStep>): void {
    this.#links = chain(this.#nextLink, this.#links, { fromMs, steps });
    this.#nextLink = this.#pull();
  }

  #pull(): LinkStep | undefined {
    const { value, done } = this.#links.next();
    return done === true ? undefined : (value as LinkStep);
  }
}

/** What is overdue is not lost. */
function* chain(
  first: LinkStep | undefined,
  before: Iterator<LinkStep>,
  { fromMs, steps }: { readonly fromMs: number; readonly steps: Iterable<LinkStep> },
): Generator<LinkStep> {
  for (let step = first; step !== undefined && step.atMs < fromMs; ) {
    yield step;
    const { value, done } = before.next();
    step = done === true ? undefined : (value as LinkStep);
  }
  yield* steps;
}

/** Links and positions that a person changes on a page while a window is open. */
import type { LinkNode } from "../../contracts/links/matrix.ts";
import type { LinkMechanism } from "../../contracts/links/shaping.ts";
import type { LinkStep } from "../../contracts/links/timeline.ts";
import { isTable } from "../../core/keys.ts";
import type { PlannedTimeline } from "../../links/timeline/compile.ts";
import { parseTimeline } from "../../links/timeline/parse.ts";

/** When a change was due, seconds since the start of the window; or why it is not made. */
export type ManualAnswer = { readonly atSecs: number } | { readonly refusal: string };

/** A window that is open. */
export interface ManualWindow {
  /** Of the run's bundle. */
  readonly folder: string;
  /** @param entry of a timeline, without its time */
  readonly change: (entry: unknown) => ManualAnswer;
}

/** Brings what a person asks for to the window that is open. */
export class ManualLinks {
  #window: ManualWindow | undefined;

  /** Until it is disposed of, changes go to this window. */
  open(window: ManualWindow): Disposable {
    this.#window = window;
    return {
      [Symbol.dispose]: () => {
        if (this.#window === window) this.#window = undefined;
      },
    };
  }

  /** @param folder of the bundle whose page it was */
  change(folder: string, entry: unknown): ManualAnswer {
    if (this.#window?.folder !== folder) return { refusal: closed };
    return this.#window.change(entry);
  }
}

export const closed = "Links can be changed while the measurement window is open.";

/** Of one run: each is kept, and counts in every later step. */
const mostChanges = 500;
const allowedKeys: ReadonlySet<string> = new Set(["set", "links", "move", "to", "for", "heal"]);
const settable: ReadonlySet<string> = new Set(["delay", "jitter", "loss", "rate", "down"]);

export interface ManualEntriesOptions {
  /** Entries of the sweep's timeline. */
  readonly planned: readonly unknown[];
  readonly nodes: readonly LinkNode[];
  readonly mechanism: LinkMechanism;
  /** @param manualFrom place of the first entry that a person made */
  readonly plan: (entries: readonly unknown[], manualFrom: number) => PlannedTimeline;
}

/** The timeline of a run, to which a person adds entries while it goes on. */
export class ManualEntries {
  readonly #options: ManualEntriesOptions;
  readonly #made: unknown[] = [];

  constructor(options: ManualEntriesOptions) {
    this.#options = options;
    // Schemas are loaded when something is first read: not while a person waits.
    parseTimeline("- { at: 0s, set: { down: true }, links: { between: [a, b] } }", "change");
  }

  /** How many a person has made. */
  get count(): number {
    return this.#made.length;
  }

  /** The whole timeline as plain JSON: what was planned, then what was done by hand. */
  get entries(): readonly unknown[] {
    return [...this.#options.planned, ...this.#made];
  }

  /**
   * @param atMs when it is due, milliseconds since the start of the window: later than all that was done before
   * @returns the steps of links from then on; or why there are none
   */
  add(entry: unknown, atMs: number): { readonly steps: Iterable<LinkStep> } | { readonly refusal: string } {
    const why = this.#whyNot(entry);
    if (why !== undefined) return { refusal: why };
    const written = { at: `${atMs}ms`, ...(entry as object) };
    const { diagnostics } = parseTimeline(JSON.stringify([written]), "change");
    const [wrong] = diagnostics;
    if (wrong !== undefined) return { refusal: wrong.message.replace(/^change:\d+: /, "") };
    const { planned, plan } = this.#options;
    const { problems, linkSteps } = plan([...this.entries, written], planned.length);
    const [problem] = problems;
    if (problem !== undefined) return { refusal: `${problem.message}.` };
    this.#made.push(written);
    return { steps: linkSteps(atMs) };
  }

  #whyNot(entry: unknown): string | undefined {
    if (!isTable(entry)) return "A change is an object with set, move or heal.";
    const stranger = Object.keys(entry).find((key) => !allowedKeys.has(key));
    if (stranger !== undefined) return `${stranger} cannot be changed by hand: use set, move or heal.`;
    if (this.#made.length >= mostChanges)
      return `This run has had ${mostChanges} changes by hand, the most it keeps.`;
    const { mechanism, nodes } = this.#options;
    const keys = isTable(entry.set) ? Object.keys(entry.set) : [];
    const other = keys.find((key) => !settable.has(key));
    if (other !== undefined) return `set: ${other} cannot be set by hand: use ${[...settable].join(", ")}.`;
    if (mechanism === "relay" && keys.includes("loss"))
      return "These links are emulated by the relay, which loses nothing.";
    const hosts = nodes.flatMap(({ host }) => host ?? []);
    if (new Set(hosts).size < hosts.length) {
      return "Nodes share a host, and so an address: their links cannot be told apart.";
    }
    return undefined;
  }
}

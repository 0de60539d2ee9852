/** What babeld says at its local interface: a line for each change of an interface, a neighbour, or a route. */
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { delay } from "../../../core/async.ts";
import { bestOf, hostsByPrefix, type View, type ViewSetting } from "./view.ts";

/** Costs from here on are infinite: the link is unusable. */
const infinity = 65_535;
const retryMs = 100;
const longestLine = 4096;
/** Entries of each kind that are kept at most. */
const mostEntries = 10_000;

type Facts = Readonly<Record<string, string>>;

/** The lines so far. */
export class BabelTable {
  readonly #neighbours = new Map<string, Facts>();
  readonly #routes = new Map<string, Facts>();
  readonly #setting: Pick<ViewSetting, "interfaces" | "hosts">;
  readonly #byPrefix: ReadonlyMap<string, string>;

  constructor(setting: Pick<ViewSetting, "interfaces" | "hosts">) {
    this.#setting = setting;
    this.#byPrefix = hostsByPrefix(setting);
  }

  /** @returns whether it says something of neighbours or routes */
  take(line: string): boolean {
    const [verb = "", kind = "", id = "", ...rest] = line.trim().split(/\s+/);
    const table = kind === "neighbour" ? this.#neighbours : kind === "route" ? this.#routes : undefined;
    if (table === undefined || !["add", "change", "flush"].includes(verb)) return false;
    if (verb === "flush") table.delete(id);
    else if (table.has(id) || table.size < mostEntries) table.set(id, pairsOf(rest));
    return true;
  }

  get view(): View {
    const { interfaces } = this.#setting;
    const peerOf = (facts: Facts) => interfaces[facts.if ?? ""]?.peer;
    const links = [...this.#neighbours.values()].flatMap((facts) => {
      const peer = peerOf(facts);
      if (peer === undefined) return [];
      const cost = Number(facts.cost);
      const received = heardOf(facts.reach);
      return [
        {
          peer,
          ...(cost < infinity ? { cost } : {}),
          ...(received === undefined ? {} : { received }),
        },
      ];
    });
    const routes = [...this.#routes.values()].flatMap((facts) => {
      const to = this.#byPrefix.get(facts.prefix ?? "");
      const via = peerOf(facts);
      if (to === undefined || via === undefined) return [];
      return [{ to, via, metric: Number(facts.metric), installed: facts.installed === "yes" }];
    });
    return { links: bestOf(links), routes: routes.filter(({ installed }) => installed) };
  }
}

/** "if link1 reach ffff": names and values by turns. */
function pairsOf(words: readonly string[]): Facts {
  const pairs = words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ""] as const] : []));
  return Object.fromEntries(pairs);
}

/** A bit for each of the last 16 hellos, the latest first. */
function heardOf(reach: string | undefined): number | undefined {
  if (reach === undefined || !/^[0-9a-f]{1,4}$/i.test(reach)) return undefined;
  const bits = Number.parseInt(reach, 16).toString(2);
  return [...bits].filter((bit) => bit === "1").length / 16;
}

/** Connects again and again, and tells what babeld says. Resolves when the signal aborts. */
export async function watchBabel(port: number, setting: ViewSetting): Promise<void> {
  const { onView, signal } = setting;
  while (!signal.aborted) {
    const table = new BabelTable(setting);
    const socket = createConnection({ host: "::1", port });
    socket.on("error", () => {}); // its end follows, and it is tried again
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const end = () => socket.destroy();
    signal.addEventListener("abort", end, { once: true });
    socket.once("connect", () => socket.write("monitor\n"));
    const lines = createInterface({ input: socket });
    lines.on("error", () => {}); // that of the socket, once more
    lines.on("line", (line) => {
      // What it says first, until "ok", is one state.
      const isOfUse = line.length <= longestLine && table.take(line);
      if (isOfUse || line === "ok") onView(table.view);
    });
    await closed;
    signal.removeEventListener("abort", end);
    await delay(retryMs, signal).catch(() => {}); // the loop looks at it
  }
}

/** The map of a run at a second, from its events. No I/O, no clock. */
import type { Position } from "../../contracts/links/ground.ts";
import { buildScene, type DirectedLink, type MapScene } from "../../results/charts/map/scene.ts";
import { groundAt, viewAt } from "./ground-state.ts";
import type { RunState } from "./run-state.ts";

/** What of a map is shown. */
export interface MapLayers {
  readonly links: boolean;
  /** Links as the network under test sees them. */
  readonly view: boolean;
  /** Names of flows whose paths are not shown. */
  readonly hiddenFlows: ReadonlySet<string>;
}

/** Seconds since the start of the window up to which something is known; at least 0. */
export function latestSecond({ ground, views, seconds, machines, windowSecs }: RunState): number {
  const known = [
    ground?.moments.at(-1)?.second,
    views.at(-1)?.second,
    seconds.at(-1)?.second,
    ...machines.map((machine) => machine.seconds.at(-1)?.second),
  ];
  const latest = Math.max(0, ...known.map((second) => second ?? 0));
  return Math.min(latest, windowSecs ?? latest);
}

/** @param second undefined: the latest @returns undefined where links are not emulated, or too many */
export function liveScene(
  run: RunState,
  second: number | undefined,
  layers: MapLayers,
): MapScene | undefined {
  const { ground } = run;
  if (ground === undefined) return undefined;
  const { nodes, space = "plane", moments } = ground;
  const { positions, links } = groundAt(ground, second);
  const view = viewAt(run, second);
  const nameOf = (place: number) => nodes[place] ?? "";
  return buildScene({
    title: `Run ${run.benchmarkNumber}`,
    atSecs: second ?? latestSecond(run),
    space,
    nodes: nodes.map((name, place) => ({ name, position: positions[place] ?? undefined })),
    links: layers.links
      ? links.map(([from, to, delayMs, lossRatio, rateBps, isDown]): DirectedLink => {
          const quality = { delayMs, lossRatio, rateBps: rateBps ?? undefined, isDown };
          return { from: nameOf(from), to: nameOf(to), ...quality };
        })
      : [],
    paths: (view?.paths ?? []).filter(({ flow }) => !layers.hiddenFlows.has(flow)),
    viewed: layers.view ? worstViews(view?.links ?? []) : [],
    extent: moments.flatMap(({ positions: some }) =>
      (some ?? []).filter((one): one is Position => one !== null),
    ),
  });
}

type Viewed = MapScene["viewed"][number];
type ViewedLink = NonNullable<ReturnType<typeof viewAt>>["links"][number];

/** Of both ends of a link, the one that thinks less of it. */
function worstViews(links: readonly ViewedLink[]): Viewed[] {
  const worst = new Map<string, Viewed>();
  for (const { from, to, cost, receivedRatio } of links) {
    const key = [from, to].sort().join("\n");
    const before = worst.get(key);
    const isWorse =
      before === undefined || (cost ?? Number.POSITIVE_INFINITY) > (before.cost ?? Number.POSITIVE_INFINITY);
    if (isWorse) worst.set(key, { between: [from, to], cost, receivedRatio });
  }
  return [...worst.values()];
}

/** What links emulate, where nodes are, and what a network under test says of itself, moment by moment. */
import type { Position } from "../../contracts/links/ground.ts";
import type { LiveGround, LiveLink, LiveView } from "../../contracts/links/live.ts";
import { push } from "./machines-state.ts";

export interface GroundState {
  readonly nodes: readonly string[];
  readonly space?: NonNullable<LiveGround["space"]>;
  /** In order. The first is whole; each later one has what has changed since. */
  readonly moments: Omit<LiveGround, "nodes" | "space">[];
  /** Links in all moments. */
  size: number;
}

export interface NetworkState {
  ground?: GroundState;
  /** In order. */
  readonly views: LiveView[];
}

/** The most that is kept: of links in moments, of moments, and of views. Older ones become one. */
export const mostGround = { links: 100_000, moments: 10_000, views: 1_000 } as const;

/** A network of up to 50 nodes has so many. */
const mostLinks = 2_500;

export function observeGround(state: NetworkState, { nodes, space, ...moment }: LiveGround): void {
  if (nodes !== undefined) {
    const whole = { nodes, ...(space === undefined ? {} : { space }) };
    state.ground = { ...whole, moments: [moment], size: moment.links.length };
    return;
  }
  const { ground } = state;
  if (ground === undefined || moment.links.length > mostLinks) return;
  ground.moments.push(moment);
  ground.size += moment.links.length;
  while (ground.size > mostGround.links || ground.moments.length > mostGround.moments) {
    const [first, second] = ground.moments.splice(0, 2);
    if (first === undefined || second === undefined) return;
    const joined = joinMoments(first, second);
    ground.size += joined.links.length - first.links.length - second.links.length;
    ground.moments.unshift(joined);
  }
}

export const observeView = (state: NetworkState, view: LiveView): void =>
  push(state.views, view, mostGround.views);

function joinMoments(first: GroundState["moments"][number], second: GroundState["moments"][number]) {
  const links = new Map([...first.links, ...second.links].map((link) => [keyOf(link), link]));
  return { ...first, ...second, links: [...links.values()] };
}

const keyOf = ([from, to]: LiveLink) => `${from} ${to}`;

/** What was emulated at a second; from the first moment on what that was before. @param second undefined: the latest */
export function groundAt({ moments }: GroundState, second = Number.POSITIVE_INFINITY) {
  const links = new Map<string, LiveLink>();
  let positions: readonly (Position | null)[] = [];
  for (const [place, moment] of moments.entries()) {
    if (place > 0 && moment.second > second) break;
    for (const link of moment.links) links.set(keyOf(link), link);
    positions = moment.positions ?? positions;
  }
  return { positions, links: [...links.values()] };
}

/** What hosts said last before a second. @param second undefined: the latest */
export const viewAt = ({ views }: Pick<NetworkState, "views">, second = Number.POSITIVE_INFINITY) =>
  views.findLast((view) => view.second <= second) ?? (second < 0 ? undefined : views[0]);

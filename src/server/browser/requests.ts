/** What the pages ask the server for. */
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import { newState, type ObservedEvent, observeEvent, type SweepState } from "../feed/run-state.ts";

/** Its answer, as JSON. @throws Error with what the server says is wrong */
export async function ask<Answer>(
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const reply = await fetch(`${path}?${new URLSearchParams(query)}`);
  const answer = (await reply.json()) as Answer & { readonly error?: string };
  if (!reply.ok) throw new Error(answer.error ?? reply.statusText);
  return answer;
}

/** An address of these pages. */
export const address = (path: string, query: Readonly<Record<string, string>>) =>
  `${path}?${new URLSearchParams(query)}`;

/** A browser opens a handful of connections to a server: a page that nobody sees gives its own back after a while. */
const hiddenForMs = 10_000;

/** Server-sent events, while the page is seen. @returns the way to stop */
function open(
  path: string,
  { onState }: Pick<Following<never>, "onState">,
  listeners: Readonly<Record<string, (event: Event) => void>>,
): () => void {
  let source: EventSource | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const leave = () => {
    source?.close();
    source = undefined;
  };
  const enter = () => {
    clearTimeout(leaving);
    if (source !== undefined) return;
    source = new EventSource(path);
    source.addEventListener("open", () => onState(true));
    // The browser tries again by itself, and says up to where it knows all.
    source.addEventListener("error", () => onState(false));
    for (const [event, listener] of Object.entries(listeners)) source.addEventListener(event, listener);
  };
  const onVisibility = () => {
    if (document.hidden) leaving = setTimeout(leave, hiddenForMs);
    else enter();
  };
  document.addEventListener("visibilitychange", onVisibility);
  enter();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(leaving);
    leave();
  };
}

const dataOf = <Data>(event: Event): Data => JSON.parse((event as MessageEvent<string>).data) as Data;

export interface Following<Told> {
  readonly onTold: (told: Told) => void;
  /** The server is there, or not. */
  readonly onState: (isOpen: boolean) => void;
}

/** The list of bundles, now and after each change. */
export function followBundles(following: Following<readonly ListedBundle[]>): void {
  open("/api/bundles/stream", following, { bundles: (event) => following.onTold(dataOf(event)) });
}

/** The state of a sweep, now and after each event. @param run to follow, instead of the latest @returns the way to stop */
export function followSweep(
  bundle: string,
  run: string | undefined,
  following: Following<SweepState>,
): () => void {
  let state = newState();
  const only = run === undefined ? undefined : Number(run);
  return open(address("/api/events", { bundle, ...(run === undefined ? {} : { run }) }), following, {
    snapshot: (event) => {
      state = dataOf(event);
      following.onTold(state);
    },
    events: (event) => {
      for (const observed of dataOf<readonly ObservedEvent[]>(event)) observeEvent(state, observed, only);
      following.onTold(state);
    },
  });
}

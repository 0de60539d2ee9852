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

function open(path: string, onState: (isOpen: boolean) => void): EventSource {
  const source = new EventSource(path);
  source.addEventListener("open", () => onState(true));
  // The browser tries again by itself, and says up to where it knows all; not where it was refused.
  source.addEventListener("error", () => onState(false));
  return source;
}

const dataOf = <Data>(event: Event): Data => JSON.parse((event as MessageEvent<string>).data) as Data;

export interface Following<Told> {
  readonly onTold: (told: Told) => void;
  /** The server is there, or not. */
  readonly onState: (isOpen: boolean) => void;
}

/** The list of bundles, now and after each change. */
export function followBundles({ onTold, onState }: Following<readonly ListedBundle[]>): void {
  const source = open("/api/bundles/stream", onState);
  source.addEventListener("bundles", (event) => onTold(dataOf(event)));
}

/** The state of a sweep, now and after each event. @param run to follow, instead of the latest */
export function followSweep(
  bundle: string,
  run: string | undefined,
  { onTold, onState }: Following<SweepState>,
): EventSource {
  let state = newState();
  const source = open(address("/api/events", { bundle, ...(run === undefined ? {} : { run }) }), onState);
  source.addEventListener("snapshot", (event) => {
    state = dataOf(event);
    onTold(state);
  });
  source.addEventListener("events", (event) => {
    const only = run === undefined ? undefined : Number(run);
    for (const observed of dataOf<readonly ObservedEvent[]>(event)) observeEvent(state, observed, only);
    onTold(state);
  });
  return source;
}

import { mapBounded } from "../core/async.ts";
import { describeThings, listLeftovers } from "../docker/ownership.ts";
import { hostsAtOnce, type OpenHost } from "./remote-session.ts";

/** What a run left on the hosts. */
export interface RemoteLeftover {
  readonly run: string;
  /** "host0: container baleen-… (running)", a line each. */
  readonly what: readonly string[];
}

/** What all runs have left on the hosts that have an engine, by run. */
export async function listRemoteLeftovers(hosts: readonly OpenHost[]): Promise<RemoteLeftover[]> {
  const found = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    const left = engine === undefined ? [] : await listLeftovers(engine);
    return left.map((one) => ({
      run: one.run,
      what: describeThings(one).map((thing) => `${spec.name}: ${thing}`),
    }));
  });
  const runs = new Map<string, string[]>();
  for (const { run, what } of found.flat()) runs.set(run, [...(runs.get(run) ?? []), ...what]);
  return [...runs].map(([run, what]) => ({ run, what })).sort((a, b) => (a.run < b.run ? -1 : 1));
}

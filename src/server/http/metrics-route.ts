import type { FastifyInstance } from "fastify";
import { expositionType, formatExposition } from "../export/prometheus/metrics.ts";
import { runMetrics } from "../export/prometheus/run-metrics.ts";
import type { BundleIndex } from "../feed/bundle-index.ts";
import type { SweepFeeds } from "../feed/sweep-feeds.ts";

/** So long behind its end a sweep is shown, so that whoever scrapes every minute sees its last figures. */
const shownAfterMs = 5 * 60_000;

/** What Prometheus reads: the runs that go on, and those that have just ended. */
export function addMetricsRoute(
  app: FastifyInstance,
  { index, feeds }: { readonly index: BundleIndex; readonly feeds: SweepFeeds },
): void {
  /** When bundles were last seen under way, by name. */
  const lastLive = new Map<string, number>();
  const look = () => {
    for (const { name, state } of index.bundles) if (state === "under-way") lastLive.set(name, Date.now());
  };
  look();
  app.addHook("onClose", index.onChange(look));

  app.get("/metrics", async (_request, reply) => {
    look();
    const since = Date.now() - shownAfterMs;
    for (const [name, atMs] of lastLive) if (atMs < since) lastLive.delete(name);
    const shown = [...lastLive.keys()].flatMap((name) => {
      const folder = index.find(name)?.folder;
      const feed = folder === undefined ? undefined : feeds.open(folder);
      return feed === undefined ? [] : [feed];
    });
    const states = await Promise.all(shown.map((feed) => feed.current()));
    return reply.type(expositionType).send(formatExposition(states.map(runMetrics)));
  });
}

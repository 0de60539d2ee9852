import type { FastifyInstance, FastifyReply } from "fastify";
import type { BundleIndex } from "../feed/bundle-index.ts";
import type { SweepFeeds } from "../feed/sweep-feeds.ts";
import { EventStream } from "./event-stream.ts";
import { queryOf } from "./listen.ts";
import { readUsage } from "./usage.ts";

export interface StreamSources {
  readonly index: BundleIndex;
  readonly feeds: SweepFeeds;
  readonly version: string;
  /** Whether pages may change links. */
  readonly takesChanges: boolean;
}

/** Watchers at once, of all kinds: fewer than there may be connections, so that pages still come. */
const mostStreams = 100;

/** What changes while it is watched: the list of bundles, and one sweep. */
export function addStreamRoutes(app: FastifyInstance, sources: StreamSources): void {
  const { index, feeds, version, takesChanges } = sources;
  const streams = new Set<EventStream>();
  // Else they would keep the server from ending.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });

  const open = (reply: FastifyReply, onCaughtUp: () => void): EventStream | undefined => {
    if (streams.size >= mostStreams) return undefined;
    const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
    reply.hijack();
    const stream = new EventStream(reply.raw, Object.fromEntries(headers), onCaughtUp);
    streams.add(stream);
    reply.raw.on("close", () => streams.delete(stream));
    return stream;
  };
  const full = (reply: FastifyReply) => reply.code(503).send({ error: "Too many pages watch." });

  app.get("/api/bundles/stream", { exposeHeadRoute: false }, (_request, reply) => {
    const tell = () => stream?.send("bundles", JSON.stringify(index.bundles));
    const stream = open(reply, tell);
    if (stream === undefined) return full(reply);
    reply.raw.on("close", index.onChange(tell));
    tell();
    return reply;
  });

  app.get("/api/events", { exposeHeadRoute: false }, async (request, reply) => {
    const bundle = index.find(queryOf(request, "bundle"));
    if (bundle === undefined) return reply.code(404).send({ error: "There is no such bundle." });
    const feed = feeds.open(bundle.folder, numberOf(queryOf(request, "run")));
    const stream = feed && open(reply, () => feed.snapshot(watcher));
    if (feed === undefined || stream === undefined) return full(reply);
    const watcher = {
      onSnapshot: (state: string, offset: number) => stream.send("snapshot", state, offset),
      onEvents: (events: string, offset: number) => stream.send("events", events, offset),
    };
    const stop = await feed.watch(watcher, numberOf(String(request.headers["last-event-id"] ?? "")));
    if (reply.raw.closed) stop();
    else reply.raw.on("close", stop);
    return reply;
  });

  app.get("/api/bundles", () => index.bundles);
  app.get("/api/status", () => {
    return { version, ...readUsage(), streams: streams.size, takesChanges };
  });
}

/** A whole number from 0 on; undefined for anything else. */
function numberOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

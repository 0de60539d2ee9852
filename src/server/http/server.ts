import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { formatAuthority } from "../../core/address.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { BundleIndex } from "../feed/bundle-index.ts";
import { ReceivedEvents } from "../feed/received-events.ts";
import { SweepFeeds } from "../feed/sweep-feeds.ts";
import { type AccessOptions, decideAccess } from "./access.ts";
import { readAssets } from "./assets.ts";
import { addBundleRoutes } from "./bundle-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { createApp, listenOn } from "./listen.ts";
import { addMetricsRoute } from "./metrics-route.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addStreamRoutes } from "./stream-routes.ts";

export interface ServerOptions extends AccessOptions {
  readonly outputDir: string;
  /** Folder for events that programs push; absent: none are taken. */
  readonly eventsDir?: string | undefined;
  /** Of this package. */
  readonly version: string;
}

export interface DashboardServer extends AsyncDisposable {
  /** Where its pages are, with the token if there is one. */
  readonly url: string;
}

/** Connections at once; further ones are closed. */
const mostConnections = 200;
const requestsPerMinute = 1200;

export const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/**
 * Serves the pages about the bundles of a folder, until it is disposed of. It reads, and changes nothing but the folder
 * of events.
 *
 * @param options port 0: a free one
 * @throws BaleenError where it cannot listen there
 */
export async function startServer(options: ServerOptions): Promise<DashboardServer> {
  const { listen, token, outputDir, eventsDir, version } = options;
  await using opened = new AsyncDisposableStack();
  const index = opened.use(await BundleIndex.open(outputDir));
  const feeds = opened.use(new SweepFeeds());
  const app = createApp(mostConnections);
  opened.defer(() => app.close());
  // Only then the port is known, and no request comes before.
  let port = options.port;
  await guard(app, () => ({ listen, port, token, receivesEvents: eventsDir !== undefined }));
  addPageRoutes(app, await readAssets());
  addBundleRoutes(app, index);
  if (eventsDir !== undefined) addEventRoutes(app, opened.use(new ReceivedEvents(eventsDir)));
  addMetricsRoute(app, { index, feeds });
  addStreamRoutes(app, { index, feeds, version });
  port = await listenOn(app, options);
  const scope = opened.move();
  return {
    url: `http://${formatAuthority({ host: listen, port })}/${token === undefined ? "" : `?token=${token}`}`,
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** What holds for every request, whatever it asks for. */
async function guard(app: FastifyInstance, access: () => AccessOptions): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 });
  // Behind the count of requests, before anything of a body is read.
  app.addHook("preParsing", async ({ raw }, reply) => {
    const { method = "", url = "", headers } = raw;
    const decision = decideAccess({ method, url, headers }, access());
    if (decision.kind === "allowed") return;
    if (decision.kind === "signed-in") {
      return reply.header("set-cookie", decision.cookie).redirect(decision.location, 303);
    }
    const { status, reason } = decision;
    // Whatever else the request holds is not read.
    reply.raw.once("finish", () => raw.socket.destroySoon());
    return reply.code(status).header("connection", "close").send({ error: reason });
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) =>
    reply.code(404).send({ error: "There is no such page." }),
  );
  app.setErrorHandler((error: unknown, _request, reply) => {
    const status = (error as { statusCode?: unknown }).statusCode;
    const isTheirs = typeof status === "number" && status >= 400 && status < 500;
    const isOurs = error instanceof BaleenError;
    const message = isTheirs || isOurs ? describeError(error) : "This could not be answered.";
    return reply.code(isTheirs ? status : isOurs ? 422 : 500).send({ error: message });
  });
}

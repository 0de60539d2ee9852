import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { formatAuthority } from "../../core/address.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { BundleIndex } from "../feed/bundle-index.ts";
import { ReceivedEvents } from "../feed/received-events.ts";
import { SweepFeeds } from "../feed/sweep-feeds.ts";
import { openPeerTests, type PeerTestsTarget } from "../peer-tests/open-peer-tests.ts";
import { type AccessOptions, decideAccess } from "./access.ts";
import { readAssets } from "./assets.ts";
import { addBundleRoutes } from "./bundle-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { createApp, listenOn } from "./listen.ts";
import { addMetricsRoute } from "./metrics-route.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addStreamRoutes } from "./stream-routes.ts";
import { clientUrl, crossOriginHeaders, withTokenInQuery } from "./test-paths.ts";
import { addTestRoutes, longestParameter } from "./test-routes.ts";

export interface ServerOptions extends AccessOptions {
  readonly outputDir: string;
  /** Folder for events that programs push; absent: none are taken. */
  readonly eventsDir?: string | undefined;
  /** Where tests of peers are kept, and where their points go too; absent: no tests are taken. */
  readonly peerTests?: PeerTestsTarget | undefined;
  /** Of this package. */
  readonly version: string;
}

export interface DashboardServer extends AsyncDisposable {
  /** Where its pages are, with the token if there is one. */
  readonly url: string;
  /** What clients of tests are given: they append paths to it. */
  readonly clientUrl: string;
}

/** Connections at once; further ones are closed. */
const mostConnections = 200;
/** Where peers report, each has one. */
const mostWithPeers = 2_000;
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
 * Serves the pages about the bundles of a folder, until it is disposed of. It reads, and changes nothing but the folders
 * of events and of tests.
 *
 * @param options port 0: a free one
 * @throws BaleenError where it cannot listen there
 */
export async function startServer(options: ServerOptions): Promise<DashboardServer> {
  const { listen, token, outputDir, eventsDir, version, peerTests, clientOrigins } = options;
  await using opened = new AsyncDisposableStack();
  const index = opened.use(await BundleIndex.open(outputDir));
  const feeds = opened.use(new SweepFeeds());
  const app = createApp(peerTests === undefined ? mostConnections : mostWithPeers, {
    routerOptions: { maxParamLength: longestParameter },
    rewriteUrl: ({ url = "" }) => withTokenInQuery(url),
  });
  opened.defer(() => app.close());
  // Only then the port is known, and no request comes before.
  let port = options.port;
  const takesTests = peerTests === undefined ? {} : { clientOrigins: clientOrigins ?? [] };
  await guard(app, () => ({ listen, port, token, receivesEvents: eventsDir !== undefined, ...takesTests }));
  addPageRoutes(app, await readAssets());
  addBundleRoutes(app, index);
  if (eventsDir !== undefined) addEventRoutes(app, opened.use(new ReceivedEvents(eventsDir)));
  if (peerTests !== undefined) {
    const tests = await openPeerTests(peerTests);
    // Behind the last request.
    app.addHook("onClose", () => tests[Symbol.asyncDispose]());
    addTestRoutes(app, { ...tests, version });
  }
  addMetricsRoute(app, { index, feeds });
  addStreamRoutes(app, { index, feeds, version });
  port = await listenOn(app, options);
  const scope = opened.move();
  const origin = `http://${formatAuthority({ host: listen, port })}`;
  return {
    url: `${origin}/${token === undefined ? "" : `?token=${token}`}`,
    clientUrl: clientUrl(origin, token),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** What holds for every request, whatever it asks for. */
async function guard(app: FastifyInstance, access: () => AccessOptions): Promise<void> {
  app.addHook("onRequest", async ({ raw }, reply) => {
    const { method = "", url = "", headers } = raw;
    reply.headers({
      ...securityHeaders,
      ...crossOriginHeaders({ method, url, headers }, access().clientOrigins),
    });
  });
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 });
  // Behind the count of requests, before anything of a body is read.
  app.addHook("preParsing", async ({ raw }, reply) => {
    const { method = "", url = "", headers } = raw;
    const decision = decideAccess({ method, url, headers }, access());
    if (decision.kind === "allowed") return;
    if (decision.kind === "preflight") return reply.code(204).send();
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

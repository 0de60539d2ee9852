import { formatAuthority } from "../../core/address.ts";
import { BundleIndex } from "../feed/bundle-index.ts";
import { ReceivedEvents } from "../feed/received-events.ts";
import { SweepFeeds } from "../feed/sweep-feeds.ts";
import { openPeerTests, type PeerTestsTarget } from "../peer-tests/open-peer-tests.ts";
import type { AccessOptions } from "./access.ts";
import { readAssets } from "./assets.ts";
import { addBundleRoutes } from "./bundle-routes.ts";
import { addChangeRoutes, type LinkChanges } from "./change-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { guard } from "./guard.ts";
import { createApp, listenOn } from "./listen.ts";
import { addMetricsRoute } from "./metrics-route.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addStreamRoutes } from "./stream-routes.ts";
import { clientUrl } from "./test-paths.ts";
import { addTestRoutes } from "./test-routes.ts";
import { mostWithPeers, testRouting } from "./test-server.ts";

export interface ServerOptions extends Omit<AccessOptions, "changeKey"> {
  readonly outputDir: string;
  /** Folder for events that programs push; absent: none are taken. */
  readonly eventsDir?: string | undefined;
  /** Where tests of peers are kept, and where their points go too; absent: no tests are taken. */
  readonly peerTests?: PeerTestsTarget | undefined;
  /** What is done with changes of links; absent: nobody can change them. */
  readonly changes?: LinkChanges | undefined;
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

/**
 * Serves the pages about the bundles of a folder, until it is disposed of. It reads, and changes nothing but the folders
 * of events and of tests.
 *
 * @param options port 0: a free one
 * @throws BaleenError where it cannot listen there
 */
export async function startServer(options: ServerOptions): Promise<DashboardServer> {
  const { listen, token, outputDir, eventsDir, version, peerTests, clientOrigins, changes } = options;
  await using opened = new AsyncDisposableStack();
  const index = opened.use(await BundleIndex.open(outputDir));
  const feeds = opened.use(new SweepFeeds());
  const app = createApp(peerTests === undefined ? mostConnections : mostWithPeers, testRouting);
  opened.defer(() => app.close());
  // Only then the port is known, and no request comes before.
  let port = options.port;
  const takesTests = peerTests === undefined ? {} : { clientOrigins: clientOrigins ?? [] };
  const takes = { receivesEvents: eventsDir !== undefined, changeKey: changes?.key, ...takesTests };
  await guard(app, () => ({ listen, port, token, ...takes }));
  addPageRoutes(app, await readAssets());
  addBundleRoutes(app, index);
  if (eventsDir !== undefined) addEventRoutes(app, opened.use(new ReceivedEvents(eventsDir)));
  if (peerTests !== undefined) {
    const tests = await openPeerTests(peerTests);
    // Behind the last request.
    app.addHook("onClose", () => tests[Symbol.asyncDispose]());
    addTestRoutes(app, { ...tests, version });
  }
  if (changes !== undefined) addChangeRoutes(app, { index, ...changes });
  addMetricsRoute(app, { index, feeds });
  addStreamRoutes(app, { index, feeds, version, takesChanges: changes !== undefined });
  port = await listenOn(app, options);
  const scope = opened.move();
  const origin = `http://${formatAuthority({ host: listen, port })}`;
  return {
    url: `${origin}/${token === undefined ? "" : `?token=${token}`}`,
    clientUrl: clientUrl(origin, token),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

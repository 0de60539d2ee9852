import { openPeerTests, type PeerTestsTarget } from "../peer-tests/open-peer-tests.ts";
import type { PeerTests } from "../peer-tests/peer-tests.ts";
import type { AccessOptions } from "./access.ts";
import { guard } from "./guard.ts";
import { createApp, listenOn } from "./listen.ts";
import { withTokenInQuery } from "./test-paths.ts";
import { addTestRoutes, longestParameter } from "./test-routes.ts";

export interface TestServerOptions extends AccessOptions {
  readonly peerTests: PeerTestsTarget;
  readonly clientOrigins: readonly string[];
  /** Of this package. */
  readonly version: string;
}

export interface TestServer extends AsyncDisposable {
  readonly tests: PeerTests;
}

/** Where peers report, each has a connection; further ones are closed. */
export const mostWithPeers = 2_000;

/** What a server of tests needs of its routing. */
export const testRouting = {
  routerOptions: { maxParamLength: longestParameter },
  rewriteUrl: ({ url = "" }: { readonly url?: string | undefined }) => withTokenInQuery(url),
};

/** Serves tests of peers alone, until it is disposed of. @throws ListenError where it cannot listen there */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { peerTests, version } = options;
  await using opened = new AsyncDisposableStack();
  const app = createApp(mostWithPeers, testRouting);
  opened.defer(() => app.close());
  let { port } = options;
  await guard(app, () => ({ ...options, port }));
  const tests = await openPeerTests(peerTests);
  // Behind the last request.
  app.addHook("onClose", () => tests[Symbol.asyncDispose]());
  addTestRoutes(app, { ...tests, version });
  port = await listenOn(app, options);
  const scope = opened.move();
  return { tests: tests.tests, [Symbol.asyncDispose]: () => scope.disposeAsync() };
}

/** Looks at a test while its window runs, at a real results server and at one that fails. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { EventBody } from "../../../../src/contracts/events.ts";
import { delay, until } from "../../../../src/core/async.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import { StepWatch } from "../../../../src/run/workloads/routines/step-watch.ts";
import { metricsOf } from "../../../server/peer-tests/sample-metrics.ts";
import { serveTests } from "../../../server/peer-tests/served-tests.ts";

function watch(origin: string, more: { stepMs?: number; windowSecs?: number; signal?: AbortSignal } = {}) {
  const events: EventBody[] = [];
  const own = { stepMs: 1000, windowSecs: 10, signal: new AbortController().signal };
  const emit = (event: EventBody) => void events.push(event);
  const opened = new StepWatch({ ...own, origin, testId: "t", emit, clock: systemClock, ...more });
  return { events, opened };
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("a step is told half a step behind its end, at most once a second, and none that would end behind the window", async () => {
  await using server = await serveTests();
  await server.post("/test/t", { started: true });
  const extra = { elapsedMs: 500, tickRatePerSec: 60, deliveredMessages: 4 };
  await server.put("/test/t/peer/a/metrics", metricsOf(1, { sentTotal: 10, extra }));
  const { events, opened } = watch(server.clientUrl, { stepMs: 100, windowSecs: 2.5 });
  await using _ = opened;
  const first = () => events[0];
  const describe = () => "no step was told";
  expect(await until(first, { timeoutMs: 10_000, everyMs: 10, describe })).toMatchObject({
    type: "routine-step",
    ...{ second: 0, lengthSecs: 1, peers: 1, sentPerSec: 20, deliveredPerSec: 8, tickRateLeastPerSec: 60 },
  });
  await delay(1200);
  expect(events).toHaveLength(1);
});

test("a look that fails is left out, whatever the server does, and the next one is made", async () => {
  let asked = 0;
  const replies: readonly RequestListener[] = [
    (_, response) => response.writeHead(500).end("{}"),
    (_, response) => response.end("<html>"),
    (_, response) => response.end('[{"peerId":"a"}]'),
    (request) => request.socket.destroy(),
    () => {},
  ];
  await using server = await serve((request, response) =>
    replies[asked++ % replies.length]?.(request, response),
  );
  const { events, opened } = watch(server.origin);
  await using _ = opened;
  await until(() => (asked > replies.length ? true : undefined), {
    ...{ timeoutMs: 20_000, everyMs: 20, describe: () => `asked ${asked} times` },
  });
  expect(events).toEqual([]);
});

test("it ends with its run, also while it waits for a reply", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await serve(() => asked.resolve());
  const run = new AbortController();
  const { events, opened } = watch(server.origin, { signal: run.signal });
  await asked.promise;
  run.abort(new Error("interrupted"));
  await opened[Symbol.asyncDispose]();
  expect(events).toEqual([]);
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  insist,
  type Outcome,
  ResultsServer,
} from "../../../src/server/client-page/browser/results-server.ts";

const record = {
  ...{ routine: "comms", elapsedMs: 5, sent: 1, refused: 0, delivered: 1, repeated: 0, early: 0, kinds: {} },
  latency: {
    ...{ count: 1, sumUs: 2n ** 70n, sumOfSquaresUs: 4n, minUs: 2, maxUs: 2 },
    buckets: [[2, 1]] as const,
  },
};

/** Answers with these, one after the other, and keeps what came. */
async function serve(answers: readonly number[]) {
  const requests: { readonly asked: string; readonly body: unknown }[] = [];
  const server = createServer(async (request, reply) => {
    const chunks = await request.toArray();
    const body = JSON.parse(Buffer.concat(chunks).toString());
    requests.push({ asked: `${request.method} ${request.url}`, body });
    reply.writeHead(answers[requests.length - 1] ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { server: new ResultsServer(`http://127.0.0.1:${port}`, "t"), requests };
}

/** Pauses that take no time, and how long each would have been. */
function heldClock() {
  const pauses: number[] = [];
  const setTimer = (act: () => void, ms: number) => {
    pauses.push(ms);
    setImmediate(act);
  };
  return { pauses, clock: { now: () => 0, setTimer } };
}

test("results are put where the server keeps them, large numbers in quotes", async () => {
  const { server, requests } = await serve([200]);
  expect(await server.report("a:b", record)).toBe("taken");
  expect(requests).toEqual([
    {
      asked: "PUT /test/t/peer/a%3Ab/results",
      body: {
        ...record,
        latency: { ...record.latency, sumUs: "1180591620717411303424", sumOfSquaresUs: "4" },
      },
    },
  ]);
});

test.each<[number, Outcome]>([
  [200, "taken"],
  [400, "refused"],
  [413, "refused"],
  [429, "unavailable"],
  [503, "unavailable"],
])("a reply of %d to a data point is %s", async (status, outcome) => {
  const { server } = await serve([status]);
  expect(await server.submit("a", { metrics: {}, extra: {} })).toBe(outcome);
});

test("an unavailable server is asked up to three times more, a second apart", async () => {
  const { server, requests } = await serve([503, 429, 500, 200]);
  const { pauses, clock } = heldClock();
  expect(await insist(() => server.report("a", record), clock)).toBe("taken");
  expect([requests.length, pauses]).toEqual([4, [1_000, 1_000, 1_000]]);
});

test("after that it is given up; what is refused is not tried again", async () => {
  const failing = await serve([]);
  const { clock, pauses } = heldClock();
  expect(await insist(() => failing.server.report("a", record), clock)).toBe("unavailable");
  expect(failing.requests).toHaveLength(4);
  const refusing = await serve([400]);
  expect(await insist(() => refusing.server.report("a", record), clock)).toBe("refused");
  expect([refusing.requests.length, pauses.length]).toEqual([1, 3]);
  const gone = new ResultsServer("http://127.0.0.1:1", "t");
  expect(await gone.report("a", record)).toBe("unavailable");
});

import { expect, test } from "vitest";
import type { Admission, CoordinatorConfigFile, PeerPlan } from "../../src/peer/config.ts";
import { Coordinator } from "../../src/peer/coordinator.ts";
import { serveHttp } from "../../src/peer/http.ts";
import { planHash } from "../../src/peer/plan.ts";

const plan: PeerPlan = {
  ...{ seed: "s", peers: ["a", "b"], late: [], edges: null, messagesPerSec: 2, profile: "random" as const },
  ...{ messageBytes: 100, probesPerSec: 10 },
};
const rpc = { host: "127.0.0.1", port: 0 };
const config: CoordinatorConfigFile = { role: "coordinator", name: "c", rpc, plan, heartbeatMs: 500 };
const peer = (name: string) => ({ name, address: { host: "127.0.0.1", port: 1000 } });

test("peers find each other and the plan; writing begins when all are there, and a late one joins", () => {
  const coordinator = new Coordinator(config);
  expect(coordinator.admit(peer("a"))).toMatchObject({
    isComplete: false,
    peers: [peer("a")],
    heartbeatMs: 500,
  });
  const found = coordinator.admit(peer("b"));
  expect(found).toMatchObject({ isComplete: true, plan, planHash: planHash(plan) });
  const late = coordinator.admit(peer("late"));
  expect(late).toMatchObject({ isComplete: true, plan, planHash: planHash(plan) });
  expect(late.peers.map(({ name }) => name)).toEqual(["a", "b", "late"]);
  const moved = { ...peer("a"), address: { host: "10.0.0.1", port: 2 } };
  expect(coordinator.admit(moved).peers[0]).toEqual(moved);
});

test("what is no registration is refused, and so are strangers without end", () => {
  const coordinator = new Coordinator(config);
  const wrong = [
    null,
    {},
    peer(""),
    peer("a b"),
    peer("x".repeat(65)),
    { ...peer("a"), address: { host: "h", port: 0 } },
  ];
  for (const one of wrong) expect(() => coordinator.admit(one)).toThrow(TypeError);
  for (let number = 0; number < 66; number++) coordinator.admit(peer(`p${number}`));
  expect(() => coordinator.admit(peer("p66"))).toThrow(RangeError);
});

test("it answers over HTTP, and bounds what anybody can send", async () => {
  const server = await serveHttp(config.rpc, new Coordinator(config).routes);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  const origin = `http://127.0.0.1:${address.port}`;
  const post = (body: string) => fetch(`${origin}/peers`, { method: "POST", body });
  try {
    const admitted = (await (await post(JSON.stringify(peer("a")))).json()) as Admission;
    expect(admitted.planHash).toBe(planHash(plan));
    expect((await post("{")).status).toBe(400);
    expect((await post(JSON.stringify({ name: "a", pad: "x".repeat(70_000) }))).status).toBe(400);
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
    expect(await (await fetch(`${origin}/status`)).json()).toMatchObject({ peers: ["a"], isComplete: false });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

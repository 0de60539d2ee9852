import { channel } from "node:diagnostics_channel";
import { connect, type Server } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { PeerViolationError } from "../../../src/validator/net/frames.ts";
import type { Identity } from "../../../src/validator/net/handshake.ts";
import type { Message } from "../../../src/validator/net/messages.ts";
import { PeerListenError, PeerNetwork } from "../../../src/validator/net/peer-network.ts";
import { privateKeyOf, publicKeyObject, publicKeyOf, validatorSeed } from "../../../src/wire/keys.ts";
import { findFreePorts } from "../homes.ts";

const seeds = [0, 1, 2].map((authority) => validatorSeed("net", authority));
const publicKeys = seeds.map((seed) => publicKeyObject(publicKeyOf(seed)));
const host = "127.0.0.1";

function identityOf(authority: number, overrides: Partial<Identity> = {}): Identity {
  const privateKey = privateKeyOf(seeds[authority] ?? Buffer.alloc(32));
  return { network: Buffer.alloc(32, 7), authority, privateKey, publicKeys, ...overrides };
}

function open(identity: Identity, receive?: (message: Message) => void) {
  const events: string[] = [];
  const network = new PeerNetwork(identity, {
    opened: (link, peer) => events.push(`opened ${peer} ${link.outbound ? "out" : "in"}`),
    message: (_link, peer, message) => {
      events.push(`${peer}: ${message.type}`);
      receive?.(message);
    },
    drained: () => undefined,
    closed: (_link, peer) => events.push(`closed ${peer}`),
    refused: (_peer, reason) => events.push(`refused: ${reason}`),
    notAccepted: (reason, times) => events.push(`not accepted: ${reason} ${times}`),
  });
  const saw = (event: string | RegExp, times = 1) =>
    until(() => (events.filter((each) => each.match(event)).length >= times ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `no "${event}" among ${JSON.stringify(events)}`,
    });
  return { network, events, saw, [Symbol.dispose]: () => network[Symbol.dispose]() };
}

const subscribe = { type: "subscribe", fromRound: 1, credit: 9 } as const;

describe("connections between validators", () => {
  test("one per pair, dialled by the higher authority, also when the lower one starts later", async () => {
    const ports = await findFreePorts(2);
    const peers = ports.map((port, authority) => ({ authority, host, port }));
    using high = open(identityOf(1));
    await high.network.start({ host, port: ports[1] ?? 0 }, peers);
    using low = open(identityOf(0));
    await low.network.start({ host, port: ports[0] ?? 0 }, peers);
    await Promise.all([high.saw("opened 0 out"), low.saw("opened 1 in")]);
    high.network.links.get(0)?.send(subscribe);
    low.network.links.get(1)?.send({ type: "request", refs: [] });
    await Promise.all([low.saw("1: subscribe"), high.saw("0: request")]);
    expect([high.network.links.size, low.network.links.size]).toEqual([1, 1]);
  });

  test("come back after they were lost", async () => {
    const ports = await findFreePorts(2);
    const peers = ports.map((port, authority) => ({ authority, host, port }));
    using high = open(identityOf(1));
    await high.network.start({ host, port: ports[1] ?? 0 }, peers);
    for (let life = 1; life <= 3; life++) {
      using low = open(identityOf(0));
      await low.network.start({ host, port: ports[0] ?? 0 }, peers);
      await high.saw("opened 0 out", life);
      low.network[Symbol.dispose]();
      await high.saw("closed 0", life);
    }
  });

  test("are closed when the other side breaks the protocol, and opened again", async () => {
    const ports = await findFreePorts(2);
    const peers = ports.map((port, authority) => ({ authority, host, port }));
    using low = open(identityOf(0), () => {
      throw new PeerViolationError("it sent an invalid block");
    });
    using high = open(identityOf(1));
    await low.network.start({ host, port: ports[0] ?? 0 }, peers);
    await high.network.start({ host, port: ports[1] ?? 0 }, peers);
    await high.saw("opened 0 out");
    high.network.links.get(0)?.send(subscribe);
    await Promise.all([
      low.saw("refused: it sent an invalid block"),
      low.saw("closed 1"),
      high.saw("closed 0"),
    ]);
    await low.saw("opened 1 in", 2);
  });

  test.each([
    ["of another network", { network: Buffer.alloc(32, 8) }, /another network/],
    ["without its private key", { privateKey: privateKeyOf(Buffer.alloc(32, 9)) }, /could not prove/],
    ["under a lower authority's name", { authority: 0 }, /validator 0, not expected/],
    ["under a name beyond the committee", { authority: 9 }, /validator 9, not expected/],
  ])("a validator %s is refused", async (_, overrides, reason) => {
    const ports = await findFreePorts(2);
    using low = open(identityOf(1));
    await low.network.start({ host, port: ports[0] ?? 0 }, []);
    using stranger = open({ ...identityOf(2), ...overrides });
    const target = {
      authority: "authority" in overrides && overrides.authority === 0 ? -1 : 1,
      host,
      port: ports[0] ?? 0,
    };
    await stranger.network.start({ host, port: ports[1] ?? 0 }, [target]);
    await low.saw(reason);
    expect(low.network.links.size).toBe(0);
  });

  test("bytes of any kind before the handshake end the connection", async () => {
    const [port = 0] = await findFreePorts(1);
    using low = open(identityOf(0));
    await low.network.start({ host, port }, []);
    const socket = connect({ host, port });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.end("GET / HTTP/1.1\r\n\r\n");
    await closed;
    await low.saw(/refused: it sent a frame of \d+ bytes/);
  });

  test("outlive errors of accepting, which are told together, not one by one", async () => {
    const [port = 0, other = 0] = await findFreePorts(2);
    const servers: Server[] = [];
    const note = (message: unknown) => servers.push((message as { server: Server }).server);
    const listened = channel("tracing:net.server.listen:asyncEnd");
    listened.subscribe(note);
    using low = open(identityOf(0));
    await low.network.start({ host, port }, []);
    listened.unsubscribe(note);
    // What the system does when no file descriptor is left cannot be had on demand.
    for (let i = 0; i < 5; i++) servers[0]?.emit("error", new Error("accept EMFILE"));
    expect(low.events).toEqual(["not accepted: accept EMFILE 1"]);
    using high = open(identityOf(1));
    await high.network.start({ host, port: other }, [{ authority: 0, host, port }]);
    await low.saw("opened 1 in");
  });

  test("a port that is taken is named", async () => {
    const [port = 0] = await findFreePorts(1);
    using first = open(identityOf(0));
    await first.network.start({ host, port }, []);
    using second = open(identityOf(1));
    await expect(second.network.start({ host, port }, [])).rejects.toThrow(PeerListenError);
    await expect(second.network.start({ host, port }, [])).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*Choose another port`),
    );
  });
});

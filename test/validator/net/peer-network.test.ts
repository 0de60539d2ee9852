import { channel } from "node:diagnostics_channel";
import { connect, type Server } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { PeerViolationError } from "../../../src/validator/engine/sync/frames.ts";
import type { Message } from "../../../src/validator/engine/sync/messages.ts";
import type { Identity } from "../../../src/validator/net/handshake.ts";
import {
  type PeerListener,
  PeerNetwork,
  type PeerPatience,
} from "../../../src/validator/net/peer-network.ts";
import { privateKeyOf, publicKeyObject, publicKeyOf } from "../../../src/validator/wire/keys.ts";
import { findFreePorts } from "../homes.ts";
import { validatorSeed } from "../key-seeds.ts";

const seeds = [0, 1, 2].map((authority) => validatorSeed("net", authority));
const publicKeys = seeds.map((seed) => publicKeyObject(publicKeyOf(seed)));
const host = "127.0.0.1";

function identityOf(authority: number, overrides: Partial<Identity> = {}): Identity {
  const privateKey = privateKeyOf(seeds[authority] ?? Buffer.alloc(32));
  const network = Buffer.alloc(32, 7);
  return { network, parameters: { leadersPerRound: 2 }, authority, privateKey, publicKeys, ...overrides };
}

function open(identity: Identity, receive?: (message: Message) => void, patience?: PeerPatience) {
  const events: string[] = [];
  const listener: PeerListener = {
    opened: (link, peer) => events.push(`opened ${peer} ${link.outbound ? "out" : "in"}`),
    message: (peer, message) => {
      events.push(`${peer}: ${message.type}`);
      receive?.(message);
    },
    drained: () => undefined,
    closed: (peer) => events.push(`closed ${peer}`),
    refused: (peer, reason, more) => events.push(`refused: ${peer}: ${reason}${more > 0 ? ` +${more}` : ""}`),
  };
  const network = new PeerNetwork(identity, listener, patience);
  const saw = (event: string | RegExp, times = 1) =>
    until(() => (events.filter((each) => each.match(event)).length >= times ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `no "${event}" among ${JSON.stringify(events)}`,
    });
  return { network, events, saw, [Symbol.dispose]: () => network[Symbol.dispose]() };
}

const subscribe = { type: "subscribe", fromRound: 1, credit: 9 } as const;

/** A connection that sends the beginning of a frame of 256 bytes, a byte at a time. */
function trickle(port: number, { everyMs }: { everyMs: number }) {
  const socket = connect({ host, port });
  let sent = 0;
  const sending = setInterval(() => socket.write(Buffer.of(sent++ === 2 ? 1 : 0)), everyMs);
  onTestFinished(() => void socket.destroy());
  const closed = new Promise((resolve) => socket.once("close", resolve));
  void closed.then(() => clearInterval(sending));
  socket.on("error", () => undefined).resume();
  return { closed };
}

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
    let before = { receivedBytes: 0, sentBytes: 0 };
    for (let life = 1; life <= 3; life++) {
      using low = open(identityOf(0));
      await low.network.start({ host, port: ports[0] ?? 0 }, peers);
      await high.saw("opened 0 out", life);
      // What goes over a peer's connections is counted together: it never falls.
      const now = high.network.traffic().get(0) ?? before;
      expect(now.receivedBytes).toBeGreaterThan(before.receivedBytes);
      expect(now.sentBytes).toBeGreaterThan(before.sentBytes);
      before = now;
      low.network[Symbol.dispose]();
      await high.saw("closed 0", life);
      expect(high.network.traffic().get(0)?.receivedBytes).toBeGreaterThanOrEqual(before.receivedBytes);
    }
  });

  test.each([
    ["that dials", 0, 1],
    ["that is dialled", 1, 0],
  ])(
    "of a peer %s are closed when it breaks the protocol, and not opened for a while",
    async (_, own, faulty) => {
      const ports = await findFreePorts(2);
      const peers = ports.map((port, authority) => ({ authority, host, port }));
      const bans = { firstMs: 400, longestMs: 800, quietMs: 60_000 };
      const patience = { bans, reportEveryMs: 1 };
      const fail = () => {
        throw new PeerViolationError("it sent an invalid block");
      };
      using honest = open(identityOf(own), fail, patience);
      using liar = open(identityOf(faulty));
      for (const each of [honest, liar]) {
        const { authority } = each === honest ? { authority: own } : { authority: faulty };
        await each.network.start({ host, port: ports[authority] ?? 0 }, peers);
      }
      let closedAt = 0;
      for (const [times, seconds] of [0.4, 0.8, 0.8].entries()) {
        await honest.saw(/^opened/, times + 1);
        await until(() => (liar.network.links.size > 0 ? true : undefined), {
          timeoutMs: 5_000,
          everyMs: 5,
          describe: () => "it is not connected",
        });
        // It is seen closed a moment after it was closed, and the ban began then.
        if (times > 0) expect(performance.now() - closedAt).toBeGreaterThan(times === 1 ? 300 : 700);
        liar.network.links.get(own)?.send(subscribe);
        await honest.saw(/^closed/, times + 1);
        closedAt = performance.now();
        await honest.saw(
          `refused: validator ${faulty}: it sent an invalid block; it is banned for ${seconds} s`,
        );
      }
      await honest.saw(/^opened/, 4);
    },
  );

  test("that are not taken any more are told a few times, then together", async () => {
    const [port = 0] = await findFreePorts(1);
    const bans = { firstMs: 1, longestMs: 1, quietMs: 1 };
    using low = open(identityOf(0), undefined, { bans, reportEveryMs: 3_000 });
    await low.network.start({ host, port }, []);
    const knock = () =>
      new Promise((resolve) => {
        connect({ host, port })
          .on("error", resolve)
          .on("close", resolve)
          .resume()
          .end("GET / HTTP/1.1\r\n\r\n");
      });
    for (let i = 0; i < 60; i++) await knock();
    expect(low.events.length).toBe(3);
    await low.saw(/as before \+57/);
    // By then its address is welcome again.
    const peers = [{ authority: 0, host, port }];
    using high = open(identityOf(1));
    await high.network.start({ host, port: 0 }, peers);
    await low.saw("opened 1 in");
  });

  test.each([
    [
      "with other consensus parameters",
      { parameters: { leadersPerRound: 1 } },
      /it says it is validator 2, and .* leadersPerRound is 1 there and 2 here\. Give all validators the same\./,
    ],
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

  test("that trickle bytes have one time for the whole handshake", async () => {
    const [port = 0] = await findFreePorts(1);
    using low = open(identityOf(0), undefined, { handshakeMs: 500 });
    await low.network.start({ host, port }, []);
    const { closed } = trickle(port, { everyMs: 20 });
    const startedMs = performance.now();
    await closed;
    expect(performance.now() - startedMs).toBeGreaterThan(400);
  });

  test("that trickle bytes, and come back at once, keep no validator out", async () => {
    const ports = await findFreePorts(2);
    const peers = ports.map((port, authority) => ({ authority, host, port }));
    using low = open(identityOf(0));
    await low.network.start({ host, port: ports[0] ?? 0 }, peers);
    let isOver = false;
    onTestFinished(() => {
      isOver = true;
    });
    const comeBack = (): void => {
      if (isOver) return;
      const { closed } = trickle(ports[0] ?? 0, { everyMs: 100 });
      void closed.then(() => setTimeout(comeBack, 10));
    };
    for (let i = 0; i < 100; i++) comeBack();
    await low.saw("refused: 127.0.0.1: it had not proven who it is when its place was needed");
    using high = open(identityOf(1));
    await high.network.start({ host, port: ports[1] ?? 0 }, peers);
    await low.saw("opened 1 in");
    // The one that has proven who it is stays.
    expect(low.events).not.toContain("closed 1");
  });

  test.each([
    ["of any kind", "\x7fELF and more", /refused: 127.0.0.1: it sent a frame of \d+ bytes/],
    ["of a web client", "GET / HTTP/1.1\r\n\r\n", /: a web client \(HTTP\) is there, not a validator/],
    ["of sshd", "SSH-2.0-OpenSSH_9.2p1\r\n", /: an SSH server answers there, not a validator/],
    ["of TLS", "\x16\x03\x01\x02\x00", /: a program that speaks TLS answers there, not a validator/],
  ])("bytes %s before the handshake end the connection", async (_, bytes, reason) => {
    const [port = 0] = await findFreePorts(1);
    using low = open(identityOf(0));
    await low.network.start({ host, port }, []);
    const socket = connect({ host, port });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.end(bytes, "latin1");
    await closed;
    await low.saw(reason);
  });

  test("outlive errors of accepting, which are told a few times, not one by one", async () => {
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
    const reported = "refused: anyone: it could not be accepted: accept EMFILE";
    expect(low.events).toEqual([reported, reported, reported]);
    using high = open(identityOf(1));
    await high.network.start({ host, port: other }, [{ authority: 0, host, port }]);
    await low.saw("opened 1 in");
  });

  test("a port that is taken is named", async () => {
    const [port = 0] = await findFreePorts(1);
    using first = open(identityOf(0));
    await first.network.start({ host, port }, []);
    using second = open(identityOf(1));
    await expect(second.network.start({ host, port }, [])).rejects.toMatchObject({
      code: "peer-listen",
      message: expect.stringMatching(`127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*Choose another port`),
    });
  });
});

/** Hosts that fall silent under a clean-up or an upload. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { HostSpec } from "../../../src/contracts/hosts/host.ts";
import { countBytes } from "../../../src/deploy/images/archive.ts";
import { removeFromHosts } from "../../../src/deploy/remote/network.ts";
import { RemoteSession } from "../../../src/deploy/remote/session.ts";
import { connectHost } from "../../../src/deploy/ssh/connect.ts";
import { type Lie, type LyingHost, startLyingHost } from "../../support/lying-host.ts";

async function openSession(lies: readonly Lie[], timeoutMs: number) {
  const folder = await mkdtemp(join(tmpdir(), "baleen-silent-"));
  const servers: LyingHost[] = [];
  for (const lie of lies) servers.push(await startLyingHost(lie));
  const known = join(folder, "known_hosts");
  await writeFile(known, servers.map(({ knownHost }) => knownHost).join(""));
  const keyFile = join(folder, "key");
  await writeFile(keyFile, servers[0]?.privateKey ?? "", { mode: 0o600 });
  const hosts = servers.map(({ port }, index): HostSpec => {
    const address = { host: "127.0.0.1", port, user: "ubuntu", keyFiles: [keyFile] };
    return { name: `host${index}`, address, nodes: [index] };
  });
  const options = {
    hosts,
    holder: "a test",
    connect: (spec: HostSpec, signal: AbortSignal) =>
      connectHost(spec, {
        ...{ hostKeyPolicy: "strict", knownHostsFiles: [known], timeoutMs, signal },
        passphrase: async () => undefined,
        warn: () => {},
      } as const),
  };
  const session = await RemoteSession.open(options, "r1", AbortSignal.timeout(60_000));
  expect(session.diagnostics).toEqual([]);
  return {
    session,
    servers,
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      for (const server of servers) await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const secondsSince = (startMs: number) => (performance.now() - startMs) / 1000;

describe("a clean-up", () => {
  test("costs a host that has vanished at most 10 s, and the others nothing", async () => {
    const asked: number[] = [];
    const note: Lie["engine"] = () => {
      asked.push(performance.now());
      return false;
    };
    const opened = await openSession([{ engine: note }, {}, { engine: note }], 30_000);
    await using _opened = opened;
    asked.length = 0;
    opened.servers[1]?.vanish();
    const startMs = performance.now();
    const removing = removeFromHosts(opened.session.hosts, { run: "r1" }, { volumes: true });
    await expect(removing).rejects.toThrow(
      /^Not everything that run r1 created could be removed: host1: host1 \(.*\) has not answered for 8 s\. Check [^;]*\. Try again with: npx baleen hosts clean --run r1$/,
    );
    await opened.session[Symbol.asyncDispose]();
    expect(secondsSince(startMs)).toBeLessThan(10);
    // Three lists, and the same again until nothing is left, of each of the two.
    expect(asked.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...asked) - startMs).toBeLessThan(4000);
  });
});

describe("an image that is sent", () => {
  const bytes = 16 * 1024 * 1024;
  const send: [string, NonNullable<Lie["engine"]>, RegExp][] = [
    ["is not read", () => true, /accepted no data for 2 s, after \d+ of \d+ bytes|no answer in time/],
    [
      "is read and never acknowledged",
      (request, _reply) => {
        request.resume();
        return true;
      },
      /no sign that the image was loaded for 2 s|no answer in time/,
    ],
  ];
  test.each(send)("and %s fails within the time-out", async (_, load, why) => {
    const engine: Lie["engine"] = (request, reply) =>
      request.url?.includes("/images/load") === true && load(request, reply);
    await using opened = await openSession([{ engine }], 2000);
    const [host] = opened.session.hosts;
    const archive = Readable.from(Array.from({ length: bytes / 65_536 }, () => Buffer.alloc(65_536)));
    const counted = countBytes(archive, {
      totalBytes: bytes,
      stallMs: host?.engine?.timeoutMs ?? 0,
      onBytes: () => {},
    });
    const startMs = performance.now();
    await expect(host?.engine?.loadImage(counted, { signal: AbortSignal.timeout(60_000) })).rejects.toThrow(
      why,
    );
    expect(secondsSince(startMs)).toBeLessThan(2 + 10);
  });
});

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  failureFile,
  findPeers,
  type PeerName,
  peers,
  programOf,
} from "../../benchmarks/suite/peers/catalog.ts";
import { closedSettings, peerNamed } from "../../benchmarks/suite/peers/commands.ts";
import { bodyWithId } from "../../benchmarks/suite/peers/scripts.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

test("peers are found in the cache or on the PATH, and the others say why they are missing", async () => {
  await using folder = await openTemporaryFolder();
  const [cache, bin] = [join(folder.path, "cache"), join(folder.path, "bin")];
  const peer = (name: PeerName) => peers.find((each) => each.name === name) ?? expect.fail(name);
  const put = async (path: string, content = "") => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  await put(programOf(cache, peer("k6")));
  await put(programOf(cache, peer("autocannon")));
  await put(failureFile(cache, peer("oha")), "cargo said no\n");
  await put(join(bin, "wrk2"));

  const found = await findPeers(cache, `/nowhere:${bin}`);
  expect(peerNamed(found, "k6")).toMatchObject({ argv: [programOf(cache, peer("k6"))] });
  expect(peerNamed(found, "autocannon")).toMatchObject({
    argv: [process.execPath, programOf(cache, peer("autocannon"))],
  });
  expect(peerNamed(found, "wrk2")).toMatchObject({ argv: [join(bin, "wrk2")] });
  expect(peerNamed(found, "oha")).toMatchObject({ missing: "cargo said no" });
  expect(peerNamed(found, "vegeta")).toMatchObject({ missing: expect.stringContaining("install-peers.ts") });
  expect(peerNamed(await findPeers(cache, ""), "wrk2")).toMatchObject({
    missing: expect.stringContaining("PATH"),
  });
});

test("peers send what the tool sends: a request of its own protocol, of as many bytes", async () => {
  const transaction = mysticeti.transactions.encode({ run: 1, client: 0, sequence: 0 }, 512, 1);
  const ours = JSON.parse(mysticeti.submission.body(transaction, 100_000_000));
  const theirs = JSON.parse(bodyWithId("100000000"));
  expect(theirs).toMatchObject({ jsonrpc: "2.0", id: 100_000_000, method: ours.method });
  expect(theirs.params.tx).toHaveLength(ours.params.tx.length);
});

test("every setting has a name of its own and sends to the sink", async () => {
  await using folder = await openTemporaryFolder();
  const labels = closedSettings.map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
  for (const { prepare, connections, label } of closedSettings) {
    const own = join(folder.path, label.replaceAll(/\W+/g, "-"));
    await mkdir(own);
    const argv = await prepare({ port: 12_345, connections, seconds: 3, folder: own });
    const said = argv.join(" ");
    expect(said.includes(":12345/") || said.includes(own), label).toBe(true);
  }
});

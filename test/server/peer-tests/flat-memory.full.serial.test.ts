/**
 * A million data points over HTTP: memory stays flat while they come, when a server that was killed goes on with them, and
 * when they are finished and read.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { startProcess } from "./killed-server.ts";
import { reportMuch } from "./report-much.ts";
import { ask } from "./served-tests.ts";

const peers = 20;
const warmUp = 100_000;
const points = 1_000_000;
const mebibyte = 1024 ** 2;

/** The most that a process has had so far, bytes. */
async function peakOf(pid: number): Promise<number> {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test("a million points", { timeout: 1_200_000 }, async () => {
  await using folder = await openTemporaryFolder();
  await using server = await startProcess(folder.path);
  const { url } = server;
  await ask(`${url}/test/long`, "POST", { started: true });
  const report = async (count: number) => {
    const reporting = Array.from({ length: peers }, (_, number) =>
      reportMuch(url, "long", {
        ...{ peer: `peer-${number}`, count: count / peers },
        // A server takes 120,000 requests a minute from one.
        address: `127.0.0.${number + 1}`,
      }),
    );
    return (await Promise.all(reporting)).reduce((sum, one) => sum + one, 0);
  };
  expect(await report(warmUp)).toBe(warmUp);
  const early = await peakOf(server.pid);
  expect(await report(points - warmUp)).toBe(points - warmUp);
  const late = await peakOf(server.pid);
  await server.kill();
  await using next = await startProcess(folder.path);
  expect((await ask(`${next.url}/test/long`, "GET")).json.started).toEqual(expect.any(Number));
  const { json: lastPoints } = await ask(`${next.url}/test/long/peers`, "GET");
  expect(lastPoints).toHaveLength(peers);
  for (const last of lastPoints) expect(last.points).toBe(points / peers);
  const finished = await fetch(`${next.url}/test/long/finish`, { method: "PUT" });
  expect(finished.status).toBe(200);
  let bytes = 0;
  let found = 0;
  let rest = "";
  for await (const chunk of finished.body ?? []) {
    bytes += chunk.length;
    const text = rest + Buffer.from(chunk).toString("latin1");
    const all = text.split('{"peerId":');
    found += all.length - 1;
    rest = all.at(-1)?.slice(-9) ?? "";
  }
  const end = await peakOf(next.pid);
  expect(found).toBe(points);
  expect((await stat(join(folder.path, "tests", "long.json"))).size).toBe(bytes);
  expect(bytes).toBeGreaterThan(1000 * mebibyte);
  expect(late - early).toBeLessThan(100 * mebibyte);
  expect(end).toBeLessThan(400 * mebibyte);
});

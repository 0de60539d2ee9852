/** A host's counters over a real SSH connection. */
import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "../../src/contracts/hosts/host.ts";
import { openHostReader, openLocalReader } from "../../src/metrics/hosts/reader.ts";
import { differ } from "../../src/metrics/hosts/second.ts";
import { eventually, untilGone } from "../support/processes.ts";
import { connectTo, type Sshd, startSshd, whyNoSshd } from "../support/sshd.ts";

const nameOf = async (pid: number) => (await readFile(`/proc/${pid}/comm`, "utf8")).trim();

describe.skipIf(whyNoSshd !== undefined)(`the counters of a host ${whyNoSshd ?? ""}`, () => {
  let sshd: Sshd;
  let host: Host;

  beforeAll(async () => {
    sshd = await startSshd();
    host = await connectTo(sshd);
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  test("are those of its own files, and tell what its processes use", async () => {
    await using there = openHostReader(host);
    await using here = openLocalReader();
    await Promise.all([there.open(), here.open()]);
    const own = [...there.own(), { pid: process.pid }];
    const [first, same] = [await there.read(own), await here.read(own)];
    if (first === undefined || same === undefined) throw new Error("there is no sample");
    // This machine is the host: the same files a moment later.
    expect(same.uptimeSecs).toBeGreaterThanOrEqual(first.uptimeSecs);
    expect(same.uptimeSecs - first.uptimeSecs).toBeLessThan(5);
    expect(same.cpu?.cores).toBe(first.cpu?.cores);
    expect(same.cpu?.idle).toBeGreaterThanOrEqual(Number(first.cpu?.idle));
    expect(same.frequencyMhz === undefined).toBe(first.frequencyMhz === undefined);
    expect(same.memoryStallUs === undefined).toBe(first.memoryStallUs === undefined);
    expect([...same.networkBytes.keys()]).toEqual([...first.networkBytes.keys()]);
    expect([...same.processes].map(([pid, { startTicks }]) => [pid, startTicks])).toEqual(
      [...first.processes].map(([pid, { startTicks }]) => [pid, startTicks]),
    );
    const names = await Promise.all(there.own().map(({ pid }) => nameOf(pid)));
    expect(names[0]).toBe("sh");
    expect(names.join()).toContain("sshd");

    const second = await eventually("ticks that this process used", async () => {
      for (const endMs = performance.now() + 200; performance.now() < endMs; );
      const sample = await there.read(own);
      const used =
        (sample?.processes.get(process.pid)?.cpuTicks ?? 0) -
        (first.processes.get(process.pid)?.cpuTicks ?? 0);
      return used > 20 ? sample : undefined;
    });
    // sshd is a child of this process here; what that used is others' where it is not the run's.
    const apart = there.own().filter(({ pid }) => pid !== process.pid);
    const [mine, others] = [differ(first, second, own), differ(first, second, apart)];
    const used =
      Number(second.processes.get(process.pid)?.cpuTicks) -
      Number(first.processes.get(process.pid)?.cpuTicks);
    const share = used / ((second.uptimeSecs - first.uptimeSecs) * 100 * Number(second.cpu?.cores));
    expect(share).toBeGreaterThan(0);
    expect(Number(others?.backgroundRatio) - Number(mine?.backgroundRatio)).toBeCloseTo(share, 3);
  });

  test("end with their reader, and leave nothing behind", async () => {
    const reader = openHostReader(host);
    await reader.open();
    const pids = reader.own();
    expect(pids.length).toBeGreaterThan(1);
    await reader[Symbol.asyncDispose]();
    await untilGone(pids[0]?.pid ?? 0);
    expect(await reader.read([])).toBeUndefined();
  });

  test("end with the connection, and come back with it", async () => {
    await using reader = openHostReader(host);
    await reader.open();
    const [helper, ...above] = reader.own().map(({ pid }) => pid);
    const names = await Promise.all(above.map(nameOf));
    const session = above[names.findIndex((name) => name.startsWith("sshd"))];
    if (helper === undefined || session === undefined) throw new Error(`no session above: ${names.join()}`);
    expect(await reader.read([])).toBeDefined();
    kill(session, "SIGKILL");
    await untilGone(helper);
    const sample = await eventually("a sample over the new connection", () => reader.read(reader.own()));
    expect(sample.processes.has(helper)).toBe(false);
    expect(reader.own().map(({ pid }) => pid)).not.toContain(helper);
  });
});

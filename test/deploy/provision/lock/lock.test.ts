import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import type { BaleenError } from "../../../../src/core/errors.ts";
import { parseLockAnswer } from "../../../../src/deploy/provision/lock/holder.ts";
import { lockHost } from "../../../../src/deploy/provision/lock/lock.ts";
import { openLocalHost } from "../../../support/local-host.ts";
import { eventually } from "../../../support/processes.ts";
import { openPlace } from "../lock-place.ts";
import { findOnPath, openStandInHost } from "../stand-in-host.ts";

describe("a host's lock", () => {
  test("goes to one of many who ask at the same time", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    const asked = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => place.lock(host, `run-${i}`)));
    const got = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(got).toHaveLength(1);
    for (const one of asked)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "host-locked" });
    await got[0]?.[Symbol.asyncDispose]();
    expect(await place.files()).toEqual([]);
  });

  test("is freed by an orchestrator that is killed", async () => {
    await using place = await openPlace();
    const script = fileURLToPath(new URL("../take-host-lock.ts", import.meta.url));
    const child = spawn(process.execPath, [script, place.folder, "killed"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await using host = openLocalHost();
    expect(await place.holder(host)).toBe("killed");
    child.kill("SIGKILL");
    await eventually("a free host", async () =>
      (await place.holder(host)) === undefined ? true : undefined,
    );
    await eventually("no files", async () => ((await place.files()).length === 0 ? true : undefined));
  });

  test("tells a machine that one run has under two names", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    await using _lock = await place.lock(host, "a");
    await expect(place.lock(openLocalHost({ name: "host2" }), "a")).rejects.toThrow(
      /^host2 .* it is the same machine as another of its hosts\. Name each machine once\.$/,
    );
  });

  test("is taken again when a lost connection stands again", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    await using _lock = await place.lock(host, "a", (error) => expect.unreachable(error.message));
    await host.breakLink({ state: "lost", reason: "cable" });
    await eventually("a free host", async () =>
      (await place.holder(host)) === undefined ? true : undefined,
    );
    await host.breakLink({ state: "restored", afterMs: 1 });
    await eventually("the lock again", async () => ((await place.holder(host)) === "a" ? true : undefined));
  });

  test("is taken again when its process was killed on the host", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    await using _lock = await place.lock(host, "a");
    const { stdout } = await host.exec(["sh", "-c", 'head -n 1 "$0"/baleen-host.holder.*', place.folder], {
      timeoutMs: 10_000,
    });
    process.kill(Number(stdout), "SIGKILL");
    await eventually("the lock again", async () => {
      const { stdout: now } = await host.exec(
        ["sh", "-c", 'head -n 1 "$0"/baleen-host.holder.*', place.folder],
        {
          timeoutMs: 10_000,
          allowFailure: true,
        },
      );
      return now !== "" && now !== stdout ? true : undefined;
    });
    await eventually("the holder", async () => ((await place.holder(host)) === "a" ? true : undefined));
  });

  test("is lost, which is told, where another run came while the connection was lost", async () => {
    await using place = await openPlace();
    await using alice = openLocalHost();
    await using bob = openLocalHost();
    const onLost = vi.fn<(error: BaleenError) => void>();
    await using _lock = await place.lock(alice, "a", onLost);
    const lost = () => eventually("that it is lost", () => onLost.mock.lastCall?.[0]);
    await alice.breakLink({ state: "lost", reason: "cable" });
    await eventually("a free host", async () => ((await place.holder(bob)) === undefined ? true : undefined));
    await using _bobs = await place.lock(bob, "b");
    await alice.breakLink({ state: "restored", afterMs: 1 });
    expect(await lost()).toMatchObject({
      code: "host-locked",
      message: expect.stringContaining("is already in use by run b (b@laptop), since "),
    });
  });

  test("is lost, which is told, where the connection is given up", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    const onLost = vi.fn<(error: BaleenError) => void>();
    await using _lock = await place.lock(host, "a", onLost);
    const lost = () => eventually("that it is lost", () => onLost.mock.lastCall?.[0]);
    await host.breakLink({ state: "lost", reason: "cable" });
    await host.breakLink({ state: "given-up", reason: "no route to host" });
    expect((await lost()).message).toMatch(
      /^Cannot lock here \(this machine\): the connection was given up: no route/,
    );
  });

  test("is not waited for when that is given up, and leaves nothing behind", async () => {
    await using place = await openPlace();
    await using host = openLocalHost();
    const reason = new Error("enough");
    const options = { run: "a", holder: "alice", folder: place.folder, signal: AbortSignal.abort(reason) };
    await expect(lockHost(host, options)).rejects.toBe(reason);
    expect(await place.files()).toEqual([]);
  });

  test("cannot be had without flock, which is said", async () => {
    await using place = await openPlace();
    await using standIn = await openStandInHost({ user: "root" });
    await standIn.remove("flock");
    await expect(place.lock(standIn.host, "a")).rejects.toThrow(
      /^Cannot lock host1 \(this machine\): there is no flock command/,
    );
  });

  const asNobody = process.getuid?.() === 0 && findOnPath("setpriv") !== undefined;
  test.skipIf(!asNobody)("excludes users from each other (needs root and setpriv)", async () => {
    await using place = await openPlace();
    // As /tmp is.
    await chmod(place.folder, 0o1777);
    await using root = openLocalHost();
    await using nobody = openLocalHost({
      prefix: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    });
    {
      await using _lock = await place.lock(root, "of-root");
      await expect(place.lock(nobody, "of-nobody")).rejects.toThrow(/is already in use by run of-root/);
    }
    // What root's killed process leaves behind does not bar others.
    const held = await place.start(root, "a");
    await root[Symbol.asyncDispose]();
    await held.ended;
    expect((await stat(`${place.folder}/baleen-host.lock`)).uid).toBe(0);
    {
      await using _lock = await place.lock(nobody, "of-nobody");
      expect(await place.holder(nobody)).toBe("of-nobody");
    }
  });
});

describe("the answer of the lock's script", () => {
  test.each([
    ["held", { state: "held" }],
    ["busy ", { state: "busy", info: undefined }],
    ["busy {cut", { state: "busy", info: undefined }],
    ["busy null", { state: "busy", info: undefined }],
    ["failed no flock", { state: "failed", why: "no flock" }],
    ["Welcome to host1", undefined],
  ])("is read from %j", (line, answer) => {
    expect(parseLockAnswer(line)).toEqual(answer);
  });
});

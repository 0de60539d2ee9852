import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readHostLock, viewHostLock } from "../../../../src/deploy/provision/lock/lock.ts";
import { openPlace } from "../lock-place.ts";
import { findOnPath, openStandInHost, type StandInHost } from "../stand-in-host.ts";

/** Hosts by the shell that answers to `sh` there; those that this machine does not have are named as skipped. */
const shells = [
  ["bash", findOnPath("bash")],
  ["dash alone", findOnPath("dash")],
  ["busybox ash", findOnPath("busybox")],
] as const;

async function openShell(name: string, path: string | undefined): Promise<StandInHost> {
  const standIn = await openStandInHost({ user: "root" });
  if (name === "bash") return standIn;
  await standIn.remove("bash");
  await standIn.remove("sh");
  await standIn.command("sh", `exec ${path} ${name === "busybox ash" ? "ash" : ""} "$@"`);
  return standIn;
}

describe.each(shells)("a host's lock where sh is %s", (name, path) => {
  describe.skipIf(path === undefined)(`(needs ${name})`, () => {
    test("keeps others away, says who has it, and leaves nothing behind", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      await using bob = await openShell(name, path);
      {
        await using _lock = await place.lock(alice.host, "run-a");
        const reported =
          /^host1 \(this machine\) is already in use by run run-a \(run-a@laptop\), since .*Z\. Wait for it/;
        await expect(place.lock(bob.host, "run-b")).rejects.toThrow(reported);
        expect(await readHostLock(bob.host, { folder: place.folder })).toEqual({
          run: "run-a",
          holder: "run-a@laptop",
          since: expect.stringMatching(/^\d{4}-.*Z$/),
        });
      }
      expect(await place.files()).toEqual([]);
      expect(await place.holder(bob.host)).toBeUndefined();
      await using _again = await place.lock(bob.host, "run-b");
    });

    test("ends with the connection", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      const held = await place.start(alice.host, "a");
      held.stdin.end();
      await held.ended;
      expect(await place.files()).toEqual([]);
    });

    test("ends when it is told to, and leaves nothing behind", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      await (await place.start(alice.host, "a")).stop();
      expect(await place.files()).toEqual([]);
    });

    // Dash's read knows no limit: such a host relies on the end of the connection.
    test.skipIf(name === "dash alone")("ends without heartbeats (which dash cannot)", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      const held = await place.start(alice.host, "a", 1);
      await held.ended;
      expect(await place.files()).toEqual([]);
    });

    test("goes over to who comes back with the same id, and to nobody else", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      const id = randomUUID();
      const before = await place.start(alice.host, id);
      await using after = await place.start(alice.host, id);
      expect((await before.ended).exitCode).toBeNull();
      await expect(place.start(alice.host, randomUUID())).rejects.toThrow(/is already in use by run /);
      after.stdin.end();
      await after.ended;
      expect(await place.files()).toEqual([]);
    });

    test("is free where its process was killed, whatever files are left", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      await using doomed = await openShell(name, path);
      const held = await place.start(doomed.host, "a");
      await doomed.host[Symbol.asyncDispose]();
      await held.ended;
      expect((await place.files()).sort()).toEqual(
        ["baleen-host.lock", expect.stringMatching(/^baleen-host\.holder\./)].sort(),
      );
      expect(await place.holder(alice.host)).toBeUndefined();
      {
        await using _lock = await place.lock(alice.host, "b");
        expect(await place.holder(alice.host)).toBe("b");
      }
      expect(await place.files()).toEqual([]);
    });

    test("shows and removes what a killed process left, and nothing of one that lives", async () => {
      await using place = await openPlace();
      await using alice = await openShell(name, path);
      const view = (task: "list" | "sweep") => viewHostLock(alice.host, task, { folder: place.folder });
      expect(await view("list")).toEqual({ stale: [] });
      {
        await using doomed = await openShell(name, path);
        const held = await place.start(doomed.host, "a");
        const living = { holder: expect.objectContaining({ run: "a" }), stale: [] };
        expect([await view("list"), await view("sweep")]).toEqual([living, living]);
        expect(await place.holder(alice.host)).toBe("a");
        await doomed.host[Symbol.asyncDispose]();
        await held.ended;
      }
      const paths = (await place.files()).sort().map((file) => join(place.folder, file));
      expect(paths).toHaveLength(2);
      const stale = paths.map((file) => ({ path: file, run: "a" }));
      expect(await view("list")).toEqual({ stale });
      expect(await place.files()).toHaveLength(2);
      expect(await view("sweep")).toEqual({ stale });
      expect(await place.files()).toEqual([]);
      expect(await view("sweep")).toEqual({ stale: [] });
      expect(await place.files()).toEqual([]);
    });
  });
});

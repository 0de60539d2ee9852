import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../src/core/async.ts";

/** Of each period a process gets so much time on a CPU, and no more. */
export interface Ration {
  readonly runMs: number;
  readonly periodMs: number;
}

/** A way to ration a process that runs already. Disposing lets it go. */
export type Throttle = (pid: number, ration: Ration) => Promise<AsyncDisposable>;

/** By stopping and continuing it: works everywhere. */
const byStops: Throttle = (pid, { runMs, periodMs }) => {
  let timer: NodeJS.Timeout;
  const send = (signal: "SIGSTOP" | "SIGCONT") => {
    try {
      process.kill(pid, signal);
    } catch {
      clearTimeout(timer); // it has ended
    }
  };
  const stop = () => {
    timer = setTimeout(go, periodMs - runMs);
    send("SIGSTOP");
  };
  const go = () => {
    timer = setTimeout(stop, runMs);
    send("SIGCONT");
  };
  stop();
  return Promise.resolve({
    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      send("SIGCONT");
      return Promise.resolve();
    },
  });
};

/** By the kernel's CPU quota of a control group (version 1, or 2 where groups may have the controller). */
const byQuota: Throttle = async (pid, ration) => {
  const group = await openGroup(`baleen-test-${pid}`, ration);
  await writeFile(join(group.folder, "cgroup.procs"), String(pid));
  return {
    [Symbol.asyncDispose]: async () => {
      // Gone already, where the process has ended.
      await writeFile(join(group.parent, "cgroup.procs"), String(pid)).catch(() => undefined);
      await until(
        () =>
          rmdir(group.folder).then(
            () => true,
            () => undefined,
          ),
        {
          timeoutMs: 5000,
          everyMs: 20,
          describe: () => `${group.folder} cannot be removed`,
        },
      );
    },
  };
};

async function openGroup(name: string, { runMs, periodMs }: Ration) {
  const versions = [
    {
      parent: "/sys/fs/cgroup/cpu",
      limits: [
        ["cpu.cfs_period_us", `${periodMs * 1000}`],
        ["cpu.cfs_quota_us", `${runMs * 1000}`],
      ],
    },
    { parent: "/sys/fs/cgroup", limits: [["cpu.max", `${runMs * 1000} ${periodMs * 1000}`]] },
  ] as const;
  for (const { parent, limits } of versions) {
    const folder = join(parent, name);
    try {
      await mkdir(folder);
    } catch {
      continue; // not of this version, or not ours to change
    }
    try {
      for (const [file, value] of limits) await writeFile(join(folder, file), value);
      return { folder, parent };
    } catch {
      await rmdir(folder);
    }
  }
  throw new Error("This machine lets nobody make a control group with a CPU quota.");
}

/** Every way that this machine has, by name. */
export async function findThrottles(): Promise<(readonly [string, Throttle])[]> {
  const ways = [["stopped and continued", byStops] as const];
  try {
    const { folder } = await openGroup(`baleen-test-probe-${process.pid}`, { runMs: 100, periodMs: 100 });
    await rmdir(folder);
    return [...ways, ["held to a CPU quota", byQuota] as const];
  } catch {
    return ways;
  }
}

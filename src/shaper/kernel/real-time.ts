import { writeFileSync } from "node:fs";
import { fixedBuffer, type Libc } from "./libc.ts";

const otherPolicy = 0;
const firstInFirstOut = 1;
/** Threads of the machine's first group of version 1; the groups of containers have no real-time budget. */
const rootGroups = ["/machine", "/proc/1/root"].flatMap((root) =>
  ["cpu", "cpu,cpuacct"].map((controller) => `${root}/sys/fs/cgroup/${controller}/tasks`),
);

/** The thread that calls runs before all that have less (SCHED_FIFO). @returns whether the machine allows it */
export function takeRealTime(libc: Libc, priority: number): boolean {
  if (setPolicy(libc, firstInFirstOut, priority)) return true;
  leaveGroup();
  return setPolicy(libc, firstInFirstOut, priority);
}

/** The thread that calls takes turns with all others again. */
export function leaveRealTime(libc: Libc): void {
  setPolicy(libc, otherPolicy, 0);
}

function setPolicy(libc: Libc, policy: number, priority: number): boolean {
  const parameters = fixedBuffer(4);
  parameters.writeUInt32LE(priority);
  return libc.sched_setscheduler(0, policy, parameters) === 0;
}

/** 0 is the thread that writes. */
function leaveGroup(): void {
  for (const tasks of rootGroups) {
    try {
      writeFileSync(tasks, "0");
    } catch {}
  }
}

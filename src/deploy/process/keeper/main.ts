/**
 * Entry of a keeper (see ../life-line.ts): it is told of processes on standard input, and ends the groups that they lead
 * when that ends, which is when whoever started them is gone.
 */
import { createInterface } from "node:readline";
import { signalGroup } from "../../../core/process/command.ts";
import { readProcess } from "../../../core/process/processes.ts";
import type { NotedProcess } from "../folder.ts";

const kept: NotedProcess[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  kept.push(JSON.parse(line) as NotedProcess);
}
await Promise.all(
  kept.map(async ({ pid, start }) => {
    const now = await readProcess(pid);
    // Where the first of a group has ended, the others may live. Its id is not given away as long as they do.
    if (now === undefined || now.start === start) signalGroup(pid, "SIGKILL");
  }),
);

/**
 * Entry of a dashboard that goes with a run (see ./child.ts). It is told what to serve in the first line of its standard
 * input, answers with its address in one line, and ends with its input: whichever way the command ends, so does it.
 */
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { explainError } from "../../core/explain.ts";
import { ListenError } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import type { DashboardAnswer, DashboardTask } from "./child.ts";

// A page must not take time from what is measured.
setPriority(constants.priority.PRIORITY_LOW);

const answer = (said: DashboardAnswer) => process.stdout.write(`${JSON.stringify(said)}\n`);

async function open({ port, ...task }: DashboardTask) {
  const options = { ...task, listen: "127.0.0.1" };
  try {
    return await startServer({ ...options, port: port ?? task.usualPort });
  } catch (error) {
    // Nobody asked for that port, and another dashboard may have it.
    if (port !== undefined || !(error instanceof ListenError)) throw error;
    return await startServer({ ...options, port: 0 });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const server = await open(JSON.parse(line) as DashboardTask);
    answer({ url: server.url });
  } catch (error) {
    answer({ error: explainError(error) });
  }
}
process.exit(0);

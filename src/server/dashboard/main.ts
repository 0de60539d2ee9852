/**
 * Entry of a dashboard that goes with a run (see ./child.ts). It is told what to serve in the first line of its standard
 * input, answers with its address in one line, and ends with its input: whichever way the command ends, so does it.
 */
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { explainError } from "../../core/explain.ts";
import { ListenError } from "../http/listen.ts";
import { startServer } from "../http/server.ts";
import type { DashboardLine, DashboardReply, DashboardTask, LinksAnswer, LinksChange } from "./child.ts";

// A page must not take time from what is measured.
setPriority(constants.priority.PRIORITY_LOW);

const say = (line: DashboardLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Changes that the command has not answered yet. */
const asked = new Map<number, (answer: LinksAnswer) => void>();
let changes = 0;

function change(one: LinksChange): Promise<LinksAnswer> {
  const id = ++changes;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    say({ id, ...one });
  });
}

async function open({ port, key, ...task }: DashboardTask) {
  const options = { ...task, listen: "127.0.0.1", changes: { key, change } };
  try {
    return await startServer({ ...options, port: port ?? task.usualPort });
  } catch (error) {
    // Nobody asked for that port, and another dashboard may have it.
    if (port !== undefined || !(error instanceof ListenError)) throw error;
    return await startServer({ ...options, port: 0 });
  }
}

async function begin(task: DashboardTask): Promise<void> {
  try {
    const server = await open(task);
    say({ url: server.url });
  } catch (error) {
    say({ error: explainError(error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as DashboardTask | DashboardReply;
  if (!("id" in told)) await begin(told);
  else {
    const { id, ...answer } = told;
    asked.get(id)?.(answer);
    asked.delete(id);
  }
}
process.exit(0);

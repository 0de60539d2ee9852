import { readdir, stat } from "node:fs/promises";
import type { SeenNode } from "../../contracts/nodes/seen-node.ts";
import { followLog, readLogTail } from "../nodes/log-file.ts";
import { listListenedPorts } from "../nodes/ports.ts";
import { listProcessRuns, logFileOf, type ProcessRun, pidFileOf } from "./folder.ts";

/** Nodes that are processes of this machine, also those of dead runs; changes nothing. */
export async function listSeenProcesses(stateDir: string): Promise<SeenNode[]> {
  const runs = await listProcessRuns(stateDir);
  return (await Promise.all(runs.map(listNodes))).flat();
}

async function listNodes(run: ProcessRun): Promise<SeenNode[]> {
  // A run that ends at this moment takes its folder along.
  const files = await readdir(run.folder).catch(() => []);
  const names = files.flatMap((name) => /^(.+)\.log$/.exec(name)?.[1] ?? []).sort();
  return await Promise.all(names.map((name) => lookAt(run, name)));
}

async function lookAt({ run, folder, running, holderPid }: ProcessRun, name: string): Promise<SeenNode> {
  const log = logFileOf(folder, name);
  const pid = running.find(({ node }) => node === name)?.pid;
  const node: SeenNode = {
    run,
    name,
    runtime: "process",
    state: "down",
    driver: holderPid === undefined ? undefined : `process ${holderPid}`,
    readLog: (tailLines) => readLogTail(log, tailLines),
    followLog: (tailLines, onText, signal) => followLog(log, { tailLines, onText, signal }),
  };
  if (pid === undefined) return node;
  // It is written when the process has started.
  const startedAtMs = await stat(pidFileOf(folder, name)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  return { ...node, state: "up", startedAtMs, ports: await listListenedPorts(pid) };
}

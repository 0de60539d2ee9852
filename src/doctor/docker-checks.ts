/** Checks of what a committee would be run by. */

import { judgeCompose, judgeEngine } from "./checks/docker.ts";
import {
  describeNodes,
  judgeContainers,
  judgePorts,
  judgeProcesses,
  listMissingImages,
  readPorts,
} from "./checks/runtimes.ts";
import type { Check } from "./checks.ts";
import { dockerNeed, type Looks, type Subject } from "./subject.ts";

/** An engine that hangs is given up by its own limits; this is above all of them. */
const limitMs = 45_000;
/** Told under "Ports" and "Folders". */
const portCodes: ReadonlySet<string> = new Set(["port-taken", "port-address"]);
const folderCode = "state-not-writable";

export function listDockerChecks(subject: Subject, looks: Looks): readonly Check[] {
  const { plan, composePath } = subject;
  const need = dockerNeed(subject);
  const usesDocker = async () => need === "needed" || (need === "preferred" && (await looks.hasDocker));
  const check = (name: string, look: Check["look"]): Check => ({ name, limitMs, look });
  return [
    check("Docker engine", async () => {
      return [judgeEngine((await looks.engine).look, need, await looks.soonFacts)];
    }),
    check("Docker compose", async () => {
      return [judgeCompose(await looks.compose, need, await looks.soonFacts)];
    }),
    check("Containers", async (signal) => {
      const { engine } = await looks.engine;
      if (need === "unused" || engine === undefined || !(await looks.hasDocker)) return [];
      const [diagnostics, missing] = await Promise.all([
        subject.checkRuntime("docker", signal),
        listMissingImages(plan, engine),
      ]);
      const others = diagnostics.filter(({ code }) => composePath !== undefined || !portCodes.has(code));
      return [judgeContainers(others, { nodes: describeNodes(plan, "image"), missing })];
    }),
    check("Processes", async (signal) => {
      if (need === "needed") return [];
      const isUsed = !(await usesDocker());
      const diagnostics = (await subject.checkRuntime("process", signal)).filter(
        ({ code }) => code !== folderCode,
      );
      return [judgeProcesses(diagnostics, { nodes: describeNodes(plan, "path"), isUsed })];
    }),
    check("Ports", async () => {
      // Those of a file of the user's are told with it.
      if (composePath !== undefined) return [];
      const { engine } = await looks.engine;
      return [judgePorts(await readPorts(plan, need, engine), await usesDocker())];
    }),
  ];
}

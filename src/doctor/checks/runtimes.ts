/** What a committee can be run by on this machine: containers, or plain processes. */
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import { type Diagnostic, diagnosticsOf } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import { mostNodesOnStandardPorts } from "../../deploy/containers/compose-file.ts";
import { layOutOwnFile } from "../../deploy/docker/layout.ts";
import { findPortConflicts } from "../../deploy/docker/ports.ts";
import type { Engine } from "../../deploy/engine/engine.ts";
import { type BasePorts, movedFlags } from "../../deploy/nodes/base-ports.ts";
import { listForeignPrograms } from "../../deploy/nodes/foreign-programs.ts";
import { listPlannedNodes } from "../../deploy/nodes/planned.ts";
import { asFindings, type Finding, type Judgement } from "../run-checks.ts";
import type { DockerNeed } from "./docker.ts";

/** "4 nodes of cometbft (/usr/bin/cometbft)" */
export function describeNodes(plan: DeploymentPlan, kind: "path" | "image"): string {
  const count = listPlannedNodes(plan).length;
  const programs = listForeignPrograms(plan).flatMap((program) => program[kind] ?? program.path ?? []);
  const from = programs.length === 0 ? "" : ` (${programs.join(", ")})`;
  return `${count} ${count === 1 ? "node" : "nodes"} of ${plan.protocol}${from}`;
}

/** @param missing images that the engine does not have yet */
export function judgeContainers(
  diagnostics: readonly Diagnostic[],
  { nodes, missing }: { readonly nodes: string; readonly missing: readonly string[] },
): Judgement {
  const pulls = missing.map((image): Finding => {
    const command = formatArgv(["docker", "pull", image]);
    const message = `The engine does not have the image ${image} yet, so the first run would pull it. Pull it now:`;
    return { severity: "warning", code: "image-missing", message, command };
  });
  const { summary, findings } = judgeStart(diagnostics, nodes);
  return { summary, findings: [...findings, ...pulls] };
}

function judgeStart(diagnostics: readonly Diagnostic[], nodes: string): Judgement {
  const summary = diagnostics.length === 0 ? nodes : `${nodes}, which could not start`;
  return { summary, findings: asFindings("fault", diagnostics) };
}

/** @param isUsed the nodes would run as processes */
export function judgeProcesses(
  diagnostics: readonly Diagnostic[],
  { nodes, isUsed }: { readonly nodes: string; readonly isUsed: boolean },
): Judgement {
  if (isUsed) return judgeStart(diagnostics, nodes);
  const could = diagnostics.length === 0 ? "possible" : "not possible (--runtime process shows why)";
  return { summary: `${could}; containers are used`, findings: [] };
}

interface PortFacts {
  readonly diagnostics: readonly Diagnostic[];
  /** How many are wanted; 0: any that are free. */
  readonly wanted: number;
}

/** @param usesDocker the nodes would run as containers, whose ports are fixed */
export function judgePorts({ diagnostics, wanted }: PortFacts, usesDocker: boolean): Judgement {
  if (wanted === 0) return { summary: "free ports are chosen", findings: [] };
  const state = diagnostics.length === 0 ? "all free" : `${diagnostics.length} taken`;
  const unused = usesDocker ? "" : "; processes use others";
  const summary = `${wanted} for containers, ${state}${unused}`;
  return { summary, findings: asFindings(usesDocker ? "fault" : "warning", diagnostics) };
}

/** Who has the ports that containers would be published on. @param engine undefined: none answers */
export async function readPorts(
  plan: DeploymentPlan,
  { need, engine, bases }: { need: DockerNeed; engine: Engine | undefined; bases: BasePorts },
): Promise<PortFacts> {
  const nodes = listPlannedNodes(plan).length;
  const areChosen = nodes > mostNodesOnStandardPorts && movedFlags(bases).length === 0;
  if (need === "unused" || areChosen) return { diagnostics: [], wanted: 0 };
  try {
    const layout = await layOutOwnFile(plan, bases);
    const wanted = layout.model.services.flatMap(({ ports }) => ports).length;
    const containers = (await engine?.listContainers()) ?? [];
    return { diagnostics: await findPortConflicts(layout, containers), wanted };
  } catch (error) {
    return { diagnostics: diagnosticsOf(error), wanted: nodes };
  }
}

/** Images that nodes are started from and the engine does not have. */
export async function listMissingImages(plan: DeploymentPlan, engine: Engine): Promise<readonly string[]> {
  const images = listForeignPrograms(plan).flatMap(({ image }) => image ?? []);
  const found = await Promise.all(
    images.map(async (image) => ((await engine.inspectImage(image)) === undefined ? [image] : [])),
  );
  return found.flat();
}

/** Links between the containers of this machine's engine. */

import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { PlannedLinks } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { DockerNode, DockerWatch } from "../containers/node.ts";
import { describeOwnHolder } from "../engine/ownership.ts";
import type { EngineVersion } from "../engine/types.ts";
import { ensureImage } from "../images/image.ts";
import { checkContainerLinks } from "../links/check.ts";
import { locateContainers, startShaperContainer } from "../links/container.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import { checkOverlay } from "../links/overlay.ts";
import { checkShaperPackages, shaperProgram } from "../links/program.ts";
import { Shapers } from "../links/shapers.ts";
import type { DockerDeployment } from "./network.ts";

/** Everything that is known to keep links from being made on an engine before it is tried. */
export function checkDockerLinks(
  links: PlannedLinks | undefined,
  { arch }: EngineVersion,
): readonly Diagnostic[] {
  if (links === undefined) return [];
  return [...checkContainerLinks(links, "containers"), ...checkOverlay(links), ...checkShaperPackages(arch)];
}

/** Makes the image of the shaper where it is missing, and starts none; undefined where the plan has no links. */
export async function openDockerLinks(
  { deployer, plan, options }: DockerDeployment,
  watch: DockerWatch,
): Promise<ContainerLinks | undefined> {
  const { links } = plan;
  if (links === undefined) return undefined;
  const { docker, nodeBinary, baseImage } = deployer;
  const { engine, version, env } = docker;
  const { run, signal, emit } = options;
  const onStep = (step: string, detail?: string) => emit({ type: "network-step", step, detail });
  const program = shaperProgram(version.arch);
  const image = await ensureImage(engine, { program, nodeBinary, baseImage, env, run, onStep, signal });
  const holder = await describeOwnHolder();
  const processes: OwnProcess[] = [];
  const shapers = new Shapers({
    links,
    machines: [
      {
        start: (abort) =>
          startShaperContainer(
            { engine, image, run, holder },
            { onStart: (process) => processes.push(process), signal: abort },
          ),
      },
    ],
    hostOf: () => undefined,
    locate: (names) => locateContainers(engine, nodesOf(names, watch)),
    exemptPorts: [],
  });
  return { shapers, processes: () => processes };
}

function nodesOf(names: readonly NodeName[], watch: DockerWatch): DockerNode[] {
  return names.flatMap((name) => watch.find(name) ?? []);
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeConfiguration } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { imagePlaceholder, imageVariable, renderOverride } from "../containers/compose-file.ts";
import { describeStart } from "../containers/program.ts";
import { describeOwnHolder } from "../engine/ownership.ts";
import type { ComposeProject } from "./compose.ts";
import type { DockerDeployment } from "./network.ts";

/** Nodes that we start, and the names of their images. Others are left as their compose file has them. */
export type OwnImages = ReadonlyMap<NodeName, string>;

/** What compose is told, from stage to stage. */
export type Project = Awaited<ReturnType<typeof openProject>>;

/** Writes a layout's own compose file, where it has one, into a folder that the project's files are kept in. */
export async function openProject(
  folder: string,
  { layout, options: { run } }: Pick<DockerDeployment, "layout" | "options">,
  images: OwnImages,
) {
  const base = layout.file.kind === "foreign" ? layout.file.path : join(folder, "docker-compose.yml");
  if (layout.file.kind === "ours") await writeFile(base, layout.file.text);
  const override = join(folder, "override.yml");
  const { volumes, networks } = layout.model;
  const holder = await describeOwnHolder();
  const known = new Map<NodeName, NodeConfiguration>();
  const describeService = (name: string) => {
    const node = layout.nodes.find(({ service }) => service === name);
    const image = node && images.get(node.name);
    const configuration = node && known.get(node.name);
    return node === undefined || image === undefined || configuration === undefined
      ? { name }
      : { name, image, ...describeStart(node.group.program, configuration) };
  };
  // Compose takes lower-case letters, digits, - and _ only.
  const name = `baleen-${run.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
  return {
    /**
     * Writes down how nodes are to be started, beside those of before.
     *
     * @param services that are to be made now; undefined: all
     */
    write: async (
      nodes: ReadonlyMap<NodeName, NodeConfiguration>,
      services: readonly string[] | undefined,
    ): Promise<ComposeProject> => {
      for (const [node, configuration] of nodes) known.set(node, configuration);
      const described = layout.model.services.map((service) => describeService(service.name));
      await writeFile(override, renderOverride({ run, holder, services: described, volumes, networks }));
      return { name, files: [base, override], services, variables: { [imageVariable]: imagePlaceholder } };
    },
  };
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeConfiguration } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { imagePlaceholder, imageVariable, renderOverride } from "../containers/compose-file.ts";
import { describeStart } from "../containers/program.ts";
import { describeOwnHolder } from "../engine/ownership.ts";
import type { ComposeProject } from "./compose.ts";
import type { DockerLayout } from "./layout.ts";

/** Nodes that we start, and the names of their images. Others are left as their compose file has them. */
export type OwnImages = ReadonlyMap<NodeName, string>;

/** What compose is told, from stage to stage. */
export interface Project {
  /**
   * Writes down how nodes are to be started, beside those of before.
   *
   * @param services that are to be made now; undefined: all
   */
  readonly write: (
    nodes: ReadonlyMap<NodeName, NodeConfiguration>,
    services: readonly string[] | undefined,
  ) => Promise<ComposeProject>;
}

/** Writes a layout's own compose file, where it has one, into a folder that the project's files are kept in. */
export async function openProject({
  folder,
  run,
  layout,
  images,
}: {
  readonly folder: string;
  readonly run: string;
  readonly layout: DockerLayout;
  readonly images: OwnImages;
}): Promise<Project> {
  const base = layout.file.kind === "foreign" ? layout.file.path : join(folder, "docker-compose.yml");
  if (layout.file.kind === "ours") await writeFile(base, layout.file.text);
  const override = join(folder, "override.yml");
  const { volumes, networks } = layout.model;
  const holder = await describeOwnHolder();
  const known = new Map<NodeName, NodeConfiguration>();
  // Compose takes lower-case letters, digits, - and _ only.
  const name = `baleen-${run.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
  return {
    write: async (nodes, services) => {
      for (const [node, configuration] of nodes) known.set(node, configuration);
      const described = layout.model.services.map((service) => {
        const node = layout.nodes.find((each) => each.service === service.name);
        const image = node && images.get(node.name);
        const configuration = node && known.get(node.name);
        if (node === undefined || image === undefined || configuration === undefined) {
          return { name: service.name };
        }
        return { name: service.name, image, ...describeStart(node.group.program, configuration) };
      });
      await writeFile(override, renderOverride({ run, holder, services: described, volumes, networks }));
      return { name, files: [base, override], services, variables: { [imageVariable]: imagePlaceholder } };
    },
  };
}

/** The compose files that we write: the nodes' own, and the one that marks what a run makes. Pure. */

import type { Plane } from "../../contracts/nodes/node.ts";
import { overlaySettings } from "../../contracts/nodes/overlay.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { imageHome } from "../images/image.ts";

export const containerPorts = { rpc: 26_657, peer: 26_656, metrics: 26_660 } as const;

/** On a service of a compose file: it is the node of this number, from 0. */
export const nodeLabel = "baleen.node";

/** On a container that compose has made: the service that it is. */
export const serviceLabel = "com.docker.compose.service";

/** Variable of a compose file that stands for our image. */
export const imageVariable = "BALEEN_IMAGE";

/** Ports of this machine's 127.0.0.1 at which a node is published; the peers' as a rule not. */
export interface NodePorts extends Readonly<Partial<Record<Plane, number | undefined>>> {
  /** Where it listens in its container, if not on the usual ports. */
  readonly inside?: Readonly<Partial<Record<Plane, number | undefined>>>;
  /** It has interfaces for a network under test. */
  readonly hasOverlay?: boolean;
}

/** Above this number of nodes the two ranges of standard ports would meet. */
export const mostNodesOnStandardPorts = 13;

/** Ports of this machine, or of a host, at which its node of that number is published, if it is. */
export function standardPorts(node: number): Record<Plane, number> {
  return { rpc: 26_657 + node, metrics: 26_670 + node, peer: 26_700 + node };
}

const packagedHeading = `# A committee of nodes on this machine, as Baleen runs it. Baleen fills in the image, the nodes' arguments and
# their files (keys, genesis). To change something, copy this file to ./docker-compose.yml, or name your copy
# with --docker-compose-path. Nodes are the services with the label baleen.node.
`;

/** What stands for our image where a compose file is only read. */
export const imagePlaceholder = "baleen/image:to-be-built";
const imageExpression = `\${${imageVariable}:?Baleen sets it to the image that it built}`;

/** Writes the compose file of a committee; valid for compose v1 (1.27 and later) and v2. */
export function renderComposeFile(nodes: readonly NodePorts[]): string {
  const services = nodes.map((ports, i) =>
    renderService(i, { image: imageExpression, start: "", ports, home: `node${i}-home:${imageHome}` }),
  );
  const volumes = nodes.map((_, i) => `  node${i}-home: {}\n`);
  return `${packagedHeading}services:\n${services.join("")}volumes:\n${volumes.join("")}`;
}

/** A node that compose starts by itself. */
export interface StandaloneNode {
  readonly image: string;
  readonly start: ContainerStart;
  readonly ports: NodePorts;
}

/** The same where all is said that compose needs: the home of each node is the folder of its name beside the file. */
export function renderStandaloneFile(nodes: readonly StandaloneNode[], heading: string): string {
  const services = nodes.map(({ image, start, ports }, i) =>
    // Z: readable to containers where SELinux is on, and without meaning elsewhere.
    renderService(i, { image, start: renderStart(start), ports, home: `./node${i}:${imageHome}:Z` }),
  );
  return `${heading}services:\n${services.join("")}`;
}

interface Service {
  readonly image: string;
  /** Its lines. */
  readonly start: string;
  readonly ports: NodePorts;
  /** In the short form of a volume. */
  readonly home: string;
}

/** A host of a network under test sets routes, and forwards. Its home is not root's. */
export const overlayRights = {
  user: "0:0",
  capabilities: ["NET_ADMIN", "NET_RAW", "DAC_OVERRIDE"],
  sysctls: Object.fromEntries(
    overlaySettings.map(([file, value]) => [`net.${file.replaceAll("/", ".")}`, value]),
  ),
} as const;

const overlayLines = `    user: "${overlayRights.user}"
    cap_add: ${JSON.stringify(overlayRights.capabilities)}
    sysctls: ${JSON.stringify(overlayRights.sysctls)}
`;

// By hand: compose v1 reads YAML 1.1, where a bare no is false.
const renderService = (i: number, { image, start, ports, home }: Service) => `  node${i}:
    image: "${image}"
    labels:
      ${nodeLabel}: "${i}"
${start}${renderPorts(ports)}    volumes:
      - "${home}"
    restart: "no"
    cap_drop: ["ALL"]
${ports.hasOverlay === true ? overlayLines : ""}    logging: { driver: "json-file", options: { max-size: "20m", max-file: "2" } }
`;

/** JSON is YAML to both versions of it, 1.1 and 1.2. */
function renderStart(start: ContainerStart): string {
  const lines = Object.entries(describeService(start)).flatMap(([key, value]) =>
    value === undefined ? [] : [`    ${key}: ${JSON.stringify(value)}\n`],
  );
  return lines.join("");
}

/** As a service of a compose file has it. */
function describeService({ user, entrypoint, args, env }: ContainerStart) {
  const variables = Object.entries(env ?? {}).map(([name, text]) => [name, escapeVariables(text)]);
  return {
    user,
    entrypoint: entrypoint?.map(escapeVariables),
    command: args?.map(escapeVariables),
    environment: env && Object.fromEntries(variables),
  };
}

function renderPorts(node: NodePorts): string {
  const lines = (["rpc", "metrics", "peer"] as const).flatMap((plane) => {
    const published = node[plane];
    if (published === undefined) return [];
    return [`      - "127.0.0.1:${published}:${node.inside?.[plane] ?? containerPorts[plane]}"\n`];
  });
  return lines.length === 0 ? "" : `    ports:\n${lines.join("")}`;
}

/** A rendered file as `compose config` with BALEEN_IMAGE set to the placeholder would show it. */
export function fillImagePlaceholder(composeFile: string): string {
  return composeFile.replaceAll(imageExpression, imagePlaceholder);
}

/** How a container is started, where its image does not say it. */
export interface ContainerStart extends Pick<ContainerSpec, "entrypoint" | "user"> {
  readonly args?: ContainerSpec["args"] | undefined;
  readonly env?: ContainerSpec["env"] | undefined;
}

interface Override {
  readonly run: string;
  /** The process that makes it, as the holder label has it. */
  readonly holder: string;
  /** Of nodes of ours with their images, and how they are started. */
  readonly services: readonly (ContainerStart & {
    readonly name: string;
    readonly image?: string | undefined;
    /** Volume that takes the place of a folder as its home. */
    readonly home?: string | undefined;
  })[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

/** Compose takes $ for a variable, unless it is doubled. */
const escapeVariables = (text: string) => text.replaceAll("$", "$$$$");

/** Writes the file that labels all that a run makes, and says how our nodes are started. */
export function renderOverride(override: Override): string {
  const labels = { [runLabel]: override.run };
  const labelled = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { labels }]));
  const services = override.services.map(({ name, image, home, ...start }) => {
    const service = {
      labels: { ...labels, [holderLabel]: escapeVariables(override.holder) },
      image,
      ...describeService(start),
      volumes: home && [`${home}:${imageHome}`],
    };
    return [name, service];
  });
  // JSON is YAML to both versions of it, 1.1 and 1.2; undefined fields are left out.
  const file = {
    services: Object.fromEntries(services),
    volumes: labelled(override.volumes),
    networks: labelled(override.networks),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

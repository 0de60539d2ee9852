import type { Given } from "../rules/rule.ts";
import type { DescribedHosts, HostSources } from "./description.ts";
import {
  clientsByNumber,
  mostNodes,
  nodesByNumber,
  noVariables,
  readEnvironment,
  readLines,
  withoutAddress,
} from "./variables.ts";
import { describeYaml } from "./yaml.ts";

/**
 * Collects what was said of hosts. Of a variable that stands in the environment and in the file, the
 * environment's counts.
 *
 * @param committee only variables of nodes below this number count; undefined: all
 */
export function describeHosts(sources: HostSources, committee: number | undefined): DescribedHosts {
  const { file } = sources;
  const environment = readEnvironment(sources.environment);
  const text = file?.text;
  const isYaml = text !== undefined && /\.(ya?ml|json)$/i.test(file?.path ?? "");
  if (file?.part !== undefined || (file !== undefined && isYaml)) return describeYaml(file, environment);
  const lines = file === undefined || text === undefined ? noVariables : readLines(file.path, text);
  const variables = new Map<string, Given>([...lines.variables, ...environment.variables]);
  const hosts = nodesByNumber(variables, committee ?? mostNodes);
  return {
    hosts: hosts.filter(({ fields }) => fields.address !== undefined),
    clients: clientsByNumber(variables),
    numbered: true,
    readable:
      file === undefined || (text !== undefined && (hosts.length > 0 || lines.diagnostics.length === 0)),
    sshTimeout: variables.get("SSH_TIMEOUT"),
    knownHosts: variables.get("MYSTICETI_KNOWN_HOSTS"),
    clientDiagnostics: [...lines.clientDiagnostics, ...environment.clientDiagnostics],
    diagnostics: [
      ...lines.diagnostics,
      ...environment.diagnostics,
      ...(committee === undefined ? hosts.flatMap(withoutAddress) : []),
    ],
  };
}

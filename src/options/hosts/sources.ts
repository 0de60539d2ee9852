import type { Given } from "../rules/rule.ts";
import type { DescribedHosts, HostSources } from "./description.ts";
import {
  clientsByNumber,
  mostNodes,
  nodesByNumber,
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
  if (file?.part !== undefined) return describeYaml({ path: file.path, document: file.part }, environment);
  if (file !== undefined && text !== undefined && /\.(ya?ml|json)$/i.test(file.path)) {
    return describeYaml({ path: file.path, text }, environment);
  }
  const lines =
    file === undefined || text === undefined
      ? { variables: new Map(), diagnostics: [], clientDiagnostics: [] }
      : readLines({ ...file, text });
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

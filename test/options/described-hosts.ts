import { checkParameters, givenFrom } from "../../src/options/checks/check.ts";
import type { HostSources } from "../../src/options/hosts/description.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";

export const protocol = { ...mysticeti, transactions: { smallestBytes: 18, largestBytes: 1_000_000 } };

export interface Described {
  readonly env?: Record<string, string>;
  /** Text of hosts.env. */
  readonly file?: string;
  /** Text of hosts.yaml. */
  readonly yaml?: string;
}

export function sourcesOf({ env = {}, file, yaml }: Described): HostSources {
  const home = "/home/me";
  if (file !== undefined) return { environment: env, home, file: { path: "hosts.env", text: file } };
  if (yaml !== undefined) return { environment: env, home, file: { path: "hosts.yaml", text: yaml } };
  return { environment: env, home };
}

export function check(described: Described, values: Record<string, unknown> = {}) {
  const given = givenFrom({ networkType: "remote", ...values });
  const { parameters, diagnostics } = checkParameters(given, protocol, sourcesOf(described));
  return {
    parameters,
    remote: parameters.remote,
    hosts: parameters.remote?.hosts,
    diagnostics: diagnostics.map(({ message }) => message),
  };
}

export const four = (more = "") =>
  [0, 1, 2, 3].map((number) => `MYSTICETI_NODE${number}_HOST=10.0.1.${number}\n`).join("") + more;
export const yamlHosts = (...lines: string[]) => `hosts:\n${lines.map((line) => `  - {${line}}\n`).join("")}`;

import type { HostRequest } from "../../../contracts/hosts/host.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { ChosenProtocol, ProtocolLimits } from "../../../contracts/protocol-choice.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { checkParameters } from "../../../options/checks/check.ts";
import type { GivenParameters } from "../../../options/checks/given.ts";
import { EarlierVersionError } from "../../schema/earlier-version.ts";
import { Fields } from "../../schema/fields.ts";
import { buildParametersJson, parseParametersJson, parseProtocol } from "../../schema/parameters.ts";
import type { Findings } from "./findings.ts";

/** What is known here of a system that a bundle is about. */
export type OpenLimits = (kept: ChosenProtocol) => ProtocolLimits;

const file = "parameters.json";

/** parameters.json as a sweep was asked for it: checked like any options that are given, and written again. */
export function readParameters(
  files: ReadonlyMap<string, string>,
  openLimits: OpenLimits,
  findings: Findings,
): SweepParameters | undefined {
  const text = files.get(file);
  if (text === undefined) {
    findings.add({ file, key: "it" }, "nothing", "a file that every bundle has");
    return undefined;
  }
  try {
    const fields = new Fields(JSON.parse(text));
    const given = givenBy(fields);
    const { parameters, diagnostics } = checkParameters(given, openLimits(parseProtocol(fields)));
    const isRemote = parameters.remote !== undefined;
    // How hosts are reached is not kept, so what is said of hosts cannot be checked again.
    const reported = isRemote ? [] : diagnostics;
    for (const { message } of reported)
      findings.add({ file, key: "its values" }, message, "what may be given");
    const found = { ...parameters, ...(isRemote ? { remote: withHosts(parameters, fields) } : {}) };
    findings.sameJson(
      { file, key: "" },
      JSON.parse(text),
      JSON.parse(formatJson(buildParametersJson(found))),
    );
    findings.sameText(file, text, formatJson(buildParametersJson(found)));
    return found;
  } catch (error) {
    if (error instanceof EarlierVersionError) throw error;
    findings.add({ file, key: "its form" }, describeError(error), "the parameters of a sweep");
    return undefined;
  }
}

function givenBy(fields: Fields): GivenParameters {
  return Object.fromEntries(
    Object.entries(parseParametersJson(fields))
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { name, value, rank: 9 }]),
  );
}

function withHosts(parameters: SweepParameters, fields: Fields): SweepParameters["remote"] {
  const { remote } = parameters;
  if (remote === undefined) return undefined;
  const hosts = fields.objects("hosts", (host): HostRequest => {
    const nodes = host.list("nodes", (node) => Number(node));
    return {
      name: host.text("name"),
      address: host.text("address"),
      privateAddress: host.textIfAny("private_address"),
      region: host.textIfAny("region"),
      nodes,
    };
  });
  const clientHosts = fields.has("client_hosts") ? fields.objects("client_hosts", parseClientHost) : [];
  return { ...remote, hosts, clientHosts };
}

function parseClientHost(host: Fields): HostRequest {
  const [name, address, region] = [host.text("name"), host.text("address"), host.textIfAny("region")];
  return { name, address, region, nodes: [] };
}

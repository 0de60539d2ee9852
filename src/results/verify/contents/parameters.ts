import type { RemoteParameters, SweepParameters } from "../../../contracts/parameters.ts";
import type { ChosenProtocol, ProtocolLimits } from "../../../contracts/protocol-choice.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { checkParameters } from "../../../options/checks/check.ts";
import type { GivenParameters } from "../../../options/checks/given.ts";
import { Fields } from "../../schema/fields.ts";
import { buildParametersJson, parseParametersJson, parseProtocol } from "../../schema/parameters.ts";
import { EarlierVersionError } from "../../schema/read-error.ts";
import { type Files, textOf } from "./files.ts";
import type { Findings } from "./findings.ts";

/** What is known here of a system that a bundle is about. */
export type OpenLimits = (kept: ChosenProtocol) => ProtocolLimits;

const file = "parameters.json";

/** parameters.json as a sweep was asked for it: checked like any options that are given, and written again. */
export function readParameters(
  files: Files,
  openLimits: OpenLimits,
  findings: Findings,
): SweepParameters | undefined {
  const text = textOf(files, file, findings);
  if (text === undefined) return undefined;
  const found = findings.in(file);
  try {
    const fields = new Fields(JSON.parse(text));
    const given = givenBy(fields);
    const { parameters, diagnostics } = checkParameters(given, openLimits(parseProtocol(fields)));
    const isRemote = parameters.remote !== undefined;
    // How hosts are reached is not kept, so what is said of hosts cannot be checked again.
    const reported = isRemote ? [] : diagnostics;
    for (const { message } of reported) found.add("its values", message, "what may be given");
    const whole = { ...parameters, remote: parameters.remote && withHosts(parameters.remote, fields) };
    found.sameDocument(text, formatJson(buildParametersJson(whole)));
    return whole;
  } catch (error) {
    if (error instanceof EarlierVersionError) throw error;
    found.add("its form", describeError(error), "the parameters of a sweep");
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

/** Hosts as they are kept, which says nothing of how they are reached. */
function withHosts(remote: RemoteParameters, fields: Fields): RemoteParameters {
  const read = (host: Fields) => ({
    name: host.text("name"),
    address: host.text("address"),
    region: host.textIfAny("region"),
  });
  const hosts = fields.objects("hosts", (host) => {
    const nodes = host.list("nodes", (node) => Number(node));
    return { ...read(host), privateAddress: host.textIfAny("private_address"), nodes };
  });
  const clientHosts = fields.optional("client_hosts", (key) =>
    fields.objects(key, (host) => ({ ...read(host), nodes: [] })),
  );
  return { ...remote, hosts, clientHosts: clientHosts ?? [] };
}

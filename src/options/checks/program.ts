import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { openParameters, type ParameterReader } from "./given.ts";

/** What a user named in place of the nodes' program. Whether it is there is for others to see. */
export function readProgram(
  protocol: ProtocolLimits,
  { given, take, diagnostics }: ParameterReader,
): Pick<SweepParameters, "program"> {
  const path = take("nodeBinary", undefined);
  // What is wrong with it is told with what else is said of hosts.
  const image = openParameters(given).take("image", undefined);
  if (path !== undefined && isNotOurs(protocol) === false && given.nodeBinary?.rank !== 1) {
    const message = `${given.nodeBinary?.name}: the nodes of ${protocol.name} are part of Baleen and have no program of their own. Remove it, or use another --protocol.`;
    diagnostics.push({ code: "contradiction", message });
  }
  if (path === undefined && image === undefined) return {};
  return { program: { ...(path === undefined ? {} : { path }), ...(image === undefined ? {} : { image }) } };
}

/** undefined where nobody looked. */
function isNotOurs({ foreignPrograms }: ProtocolLimits): boolean | undefined {
  return foreignPrograms === undefined ? undefined : foreignPrograms.length > 0;
}

/** What one network of nodes cannot have; from the environment it may be meant for something else. */
export function checkProgram(
  { protocol, side }: { readonly protocol: ProtocolLimits; readonly side: SweepParameters["networkType"] },
  { given, diagnostics }: ParameterReader,
): void {
  const { image, nodeBinary } = given;
  if (image === undefined || image.rank === 1) return;
  const isForeign = isNotOurs(protocol);
  if (side === "local" && isForeign === false && image.rank === 0) {
    const message = `${image.name}: on this machine the nodes of ${protocol.name} run in an image that Baleen builds. Remove it, or add --network-type remote.`;
    diagnostics.push({ code: "contradiction", message });
  }
  if (nodeBinary !== undefined && nodeBinary.rank !== 1 && isForeign === true) {
    const message = `${nodeBinary.name} and ${image.name} both name the nodes' program. Use one of them.`;
    diagnostics.push({ code: "contradiction", message });
  }
}

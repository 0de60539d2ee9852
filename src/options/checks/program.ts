import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { openParameters, type ParameterReader } from "./given.ts";

/** What a user named in place of the nodes' program. Whether it is there is for others to see. */
export function readProgram(
  { name, foreignPrograms }: ProtocolLimits,
  { given, take, refuse }: ParameterReader,
): Pick<SweepParameters, "program"> {
  const path = take("nodeBinary", undefined);
  // What is wrong with it is told with what else is said of hosts.
  const image = openParameters(given).take("image", undefined);
  if (path !== undefined && foreignPrograms?.length === 0 && given.nodeBinary?.rank !== 1) {
    const why = `the nodes of ${name} are part of Baleen and have no program of their own. Remove it, or use another --protocol.`;
    refuse("nodeBinary", why);
  }
  if (path === undefined && image === undefined) return {};
  return { program: { ...(path === undefined ? {} : { path }), ...(image === undefined ? {} : { image }) } };
}

/** What one network of nodes cannot have; from the environment it may be meant for something else. */
export function checkProgram(
  { protocol, side }: { readonly protocol: ProtocolLimits; readonly side: SweepParameters["networkType"] },
  { given, diagnostics, refuse }: ParameterReader,
): void {
  const { image, nodeBinary } = given;
  // Where nobody looked for foreign programs, nothing is refused.
  const { name, foreignPrograms } = protocol;
  if (image === undefined || image.rank === 1 || foreignPrograms === undefined) return;
  const isForeign = foreignPrograms.length > 0;
  if (side === "local" && !isForeign && image.rank === 0) {
    const why = `on this machine the nodes of ${name} run in an image that Baleen builds. Remove it, or add --network-type remote.`;
    refuse(image, why);
  }
  if (nodeBinary !== undefined && nodeBinary.rank !== 1 && isForeign) {
    const message = `${nodeBinary.name} and ${image.name} both name the nodes' program. Use one of them.`;
    diagnostics.push({ code: "contradiction", message });
  }
}

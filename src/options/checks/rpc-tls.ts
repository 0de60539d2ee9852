import { resolve } from "node:path";
import type { RemoteParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { ParameterReader } from "./given.ts";

/** Whether the nodes' RPC is spoken to over TLS, and who is trusted besides the system's authorities. */
export function readRpcTls(
  remote: RemoteParameters | undefined,
  { given, take, diagnostics }: ParameterReader,
): Pick<SweepParameters, "rpcTls"> {
  const isOverTls = take("rpcTls", false);
  const caFile = take("rpcCa", undefined);
  if (isOverTls && remote !== undefined && remote.clientPlacement !== "coordinator") {
    const message = `${given.rpcTls?.name ?? "rpcTls"}: clients on hosts reach the nodes' RPC without TLS, and what they send would be in the clear. Leave it out, or give --client-placement coordinator.`;
    diagnostics.push({ code: "contradiction", message });
  }
  if (isOverTls) return { rpcTls: caFile === undefined ? {} : { caFile: resolve(caFile) } };
  if (given.rpcCa !== undefined) {
    const message = `${given.rpcCa.name}: certificates are looked at over TLS alone. Add --rpc-tls, or leave it out.`;
    diagnostics.push({ code: "contradiction", message });
  }
  return {};
}

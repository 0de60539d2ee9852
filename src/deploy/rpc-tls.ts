import { X509Certificate } from "node:crypto";
import type { Deployer, Network } from "../contracts/deployment.ts";
import type { SweepParameters } from "../contracts/parameters.ts";
import { readText } from "../core/documents/read-text.ts";
import { type Diagnostic, describeError } from "../core/errors.ts";
import type { TlsSettings } from "../core/tls.ts";
import type { ChosenDeployer } from "./chosen-deployer.ts";

/** The deployer for networks that are reached as the parameters say, or what is wrong with the file that they name. */
export function secureRpc(
  chosen: ChosenDeployer,
  { rpcTls }: Pick<SweepParameters, "rpcTls">,
): ChosenDeployer {
  if (rpcTls === undefined) return chosen;
  const { caFile } = rpcTls;
  const ca = caFile === undefined ? [] : readCertificates(caFile);
  if ("message" in ca) return { ...chosen, diagnostics: [...chosen.diagnostics, ca] };
  return chosen.deployer === undefined
    ? chosen
    : { ...chosen, deployer: withRpcTls(chosen.deployer, { ca }) };
}

/** Where nobody can have put TLS before the nodes. @param composePath file that the network comes from, if not our own */
export function plainRpcDiagnostics(
  { rpcTls }: Pick<SweepParameters, "rpcTls">,
  composePath?: string,
): readonly Diagnostic[] {
  if (rpcTls === undefined || composePath !== undefined) return [];
  const message =
    "--rpc-tls: nodes that run as processes, or come from the packaged compose file, speak HTTP and have no TLS proxy. Remove the flag, or name a compose file with a proxy in front of the nodes: --docker-compose-path FILE.";
  return [{ code: "rpc-tls", message }];
}

/** @returns each certificate of the file as a text of its own, at least one */
function readCertificates(path: string): readonly string[] | Diagnostic {
  const diagnostic = (why: string): Diagnostic => ({
    code: "rpc-ca",
    message: `--rpc-ca ${path}: ${why}. Name a PEM file with CA certificates.`,
  });
  try {
    const found = readText(path).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    for (const certificate of found) new X509Certificate(certificate);
    return found.length > 0 ? found : diagnostic("it contains no certificate");
  } catch (error) {
    return diagnostic(describeError(error));
  }
}

/** The same deployer for networks whose RPC has TLS in front of it, as this machine sees it. */
function withRpcTls(deployer: Deployer, tls: TlsSettings): Deployer {
  return {
    ...deployer,
    deploy: async (plan, options) => {
      const network = await deployer.deploy(plan, options);
      const endpoint: Network["endpoint"] = (target, seenBy, plane) => {
        const found = network.endpoint(target, seenBy, plane);
        return plane === "rpc" && seenBy === "coordinator" ? { ...found, tls } : found;
      };
      return { ...network, endpoint };
    },
  };
}

import type { Deployer, Network } from "../../contracts/deployment.ts";
import type { TlsSettings } from "../../core/tls.ts";

/** The same deployer for networks whose RPC has TLS in front of it, as this machine sees it. */
export function withRpcTls(deployer: Deployer, tls: TlsSettings): Deployer {
  return { ...deployer, deploy: async (plan, options) => overTls(await deployer.deploy(plan, options), tls) };
}

function overTls(network: Network, tls: TlsSettings): Network {
  return {
    ...network,
    endpoint: (target, seenBy, plane) => {
      const endpoint = network.endpoint(target, seenBy, plane);
      return plane === "rpc" && seenBy === "coordinator" ? { ...endpoint, tls } : endpoint;
    },
  };
}

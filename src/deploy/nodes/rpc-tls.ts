import type { Deployer, Network } from "../../contracts/deployment.ts";
import type { TlsTerms } from "../../core/tls.ts";

/** The same deployer for networks whose RPC has TLS in front of it, as this machine sees it. */
export function withRpcTls(deployer: Deployer, tls: TlsTerms): Deployer {
  return { ...deployer, deploy: async (plan, options) => overTls(await deployer.deploy(plan, options), tls) };
}

function overTls(network: Network, tls: TlsTerms): Network {
  return {
    ...network,
    endpoint: (target, seenBy, plane) => {
      const endpoint = network.endpoint(target, seenBy, plane);
      return plane === "rpc" && seenBy === "coordinator" ? { ...endpoint, tls } : endpoint;
    },
  };
}

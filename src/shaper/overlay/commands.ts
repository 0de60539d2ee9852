/** Lines of `ip -batch` for interfaces of an overlay, and what to read of `ip`. Pure. */
import { type OverlayHost, type OverlayInterface, overlayMtuBytes } from "../../contracts/nodes/overlay.ts";
import { macAddressOf } from "../mac-address.ts";

/** By this our interfaces are found. */
const alias = "baleen-overlay";
/** VXLAN's own (IANA). */
const port = 4789;

/** The two ends in the shaped network. */
export interface Tunnel {
  readonly local: string;
  readonly remote: string;
}

export const hostLines = ({ address }: OverlayHost): string[] => [
  "link set lo up",
  `addr replace ${address}/32 dev lo`,
];

export const addLines = ({ name, vni, address }: OverlayInterface, { local, remote }: Tunnel): string[] => [
  `link add ${name} address ${macAddressOf(address)} type vxlan id ${vni} local ${local} remote ${remote} dstport ${port} nolearning`,
  `link set ${name} alias ${alias}`,
  `link set ${name} mtu ${overlayMtuBytes} up`,
  `addr add ${address}/31 dev ${name}`,
];

export const removalLine = (name: string) => `link del ${name}`;

/** Names of our interfaces. @param listing what `ip -o link show type vxlan` says */
export const ownInterfaces = (listing: string): string[] =>
  listing
    .split("\n")
    .filter((line) => line.includes(`alias ${alias}`))
    .flatMap((line) => /^\d+: ([^:@\s]+)/.exec(line)?.[1] ?? []);

/** Everything that is used, once, in a namespace of no use. */
export const trialLines: readonly string[] = [
  ...hostLines({ address: "198.18.0.1", interfaces: [] }),
  ...addLines(
    { name: "link1", peer: "", vni: 1, address: "198.19.0.0", peerAddress: "198.19.0.1" },
    { local: "198.18.0.1", remote: "192.0.2.2" },
  ),
];

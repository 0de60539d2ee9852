/** Lines of `ip -batch` and `bridge -batch` for the part of a segment that a machine has. Pure. */
import type { Segment } from "../../contracts/links/shaper.ts";
import { macAddressOf } from "../mac-address.ts";

/** In the namespace of a node. */
const nodeInterface = "segment";
/** In that of the switch. */
const [bridge, tunnel] = ["switch", "tunnel"];
/** Of an Ethernet without the envelope of VXLAN, so that this fits into a packet between machines. */
const mtuBytes = 1450;
const prefixLength = 17;

export const bridgeLines: readonly string[] = [`link add ${bridge} type bridge`, `link set ${bridge} up`];

/** Run where its envelopes are to go out and come in. @param into path of the namespace of the switch */
export const tunnelLine = ({ vni, port }: Segment, into: string) =>
  `link add ${tunnel} netns ${into} type vxlan id ${vni} dstport ${port}`;

export const tunnelLines: readonly string[] = [
  `link set ${tunnel} mtu ${mtuBytes} master ${bridge}`,
  `link set ${tunnel} up`,
];

/** For `bridge`: what has no known place goes to all other machines. */
export const floodLines = ({ machines }: Segment): string[] =>
  machines.map((address) => `fdb append 00:00:00:00:00:00 dev ${tunnel} dst ${address}`);

/** @param port of the switch @param into path of the node's namespace */
export const plugLines = (port: number, into: string): string[] => [
  `link add ${portName(port)} mtu ${mtuBytes} type veth peer name ${nodeInterface} mtu ${mtuBytes} netns ${into}`,
  `link set ${portName(port)} master ${bridge} up`,
];

/** Its other end goes too. */
export const unplugLine = (port: number) => `link del ${portName(port)}`;

/** What is gone already, with the node behind it, fails. */
export const closeLines = (ports: readonly number[]) => [`link del ${tunnel}`, ...ports.map(unplugLine)];

/** In the namespace of a node, which reaches no other by IPv6 here. */
export const nodeLines = (address: string): string[] => [
  `link set ${nodeInterface} address ${macAddressOf(address)} addrgenmode none`,
  `link set ${nodeInterface} up`,
  `addr add ${address}/${prefixLength} dev ${nodeInterface}`,
];

const portName = (port: number) => `port${port}`;

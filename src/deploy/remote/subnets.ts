import { BlockList, isIP } from "node:net";

/**
 * Finds an IP address inside of a subnet in CIDR form; names and other families are never inside.
 *
 * A container network that holds a host's own address swallows what is sent there.
 */
export function isInside(address: string, subnet: string): boolean {
  const [base = "", bits] = subnet.split("/");
  const family = isIP(base);
  if (family === 0 || family !== isIP(address) || bits === undefined) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(bits), type);
  return list.check(address, type);
}

import { BlockList, isIP } from "node:net";

/** "host:port" as URLs have it: an IPv6 address stands in brackets. */
export function formatAuthority({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Origin {
  readonly host: string;
  readonly port: number;
  readonly tls?: object | undefined;
}

/** "http://host:port", or "https://host:port" where it is spoken to over TLS; likewise ws and wss. */
export function formatOrigin(scheme: "http" | "ws", origin: Origin): string {
  return `${scheme}${origin.tls === undefined ? "" : "s"}://${formatAuthority(origin)}`;
}

export const highestPort = 65_535;

/** A TCP port as it is written; undefined where it is none. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= highestPort ? port : undefined;
}

/** Whether an address is a machine's own, which no other one reaches. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || isInside(address, "127.0.0.0/8");
}

/** Whether an IP address is inside of a subnet in CIDR form; names and other families never are. */
export function isInside(address: string, subnet: string): boolean {
  const [base = "", bits] = subnet.split("/");
  const family = isIP(base);
  if (family === 0 || family !== isIP(address) || bits === undefined) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(bits), type);
  return list.check(address, type);
}

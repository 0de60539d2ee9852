/** IPv4 routes of a network namespace, from /proc/net/route. */

interface Route {
  readonly device: string;
  readonly network: number;
  readonly mask: number;
  readonly metric: number;
}

const up = 1;

/** Addresses there are hexadecimal, in the byte order of the machine (little-endian). */
const numberOf = (hex: string) => Buffer.from(hex, "hex").readUInt32LE(0);

export function parseRoutes(text: string): readonly Route[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t").map((column) => column.trim()))
    .flatMap(([device, destination = "", , flags = "0", , , metric, mask = ""]) => {
      const isRoute = device && /^[0-9A-F]{8}$/i.test(destination) && /^[0-9A-F]{8}$/i.test(mask);
      if (!isRoute || (Number.parseInt(flags, 16) & up) === 0) return [];
      return [{ device, network: numberOf(destination), mask: numberOf(mask), metric: Number(metric) }];
    });
}

/** The interface through which an address is reached: of the longest match, the lowest metric. */
export function deviceTo(address: string, routes: readonly Route[]): string | undefined {
  const number = Buffer.from(address.split(".").map(Number)).readUInt32BE(0);
  const matching = routes.filter(({ network, mask }) => (number & mask) >>> 0 === network);
  return matching.sort((one, other) => other.mask - one.mask || one.metric - other.metric)[0]?.device;
}

/** Addresses of nodes in network namespaces. Pure. */

/** Most nodes of a /24, beside the coordinator, the network's address and the one for broadcasts. */
const mostNodesOf24 = 253;

export interface Subnet {
  /** "10.77.1.0/24" */
  readonly text: string;
  readonly prefix: 16 | 24;
  /** The coordinator's. */
  readonly coordinator: string;
  /** Of the node at that place of the plan. */
  readonly addressOf: (node: number) => string;
}

/**
 * Chooses a subnet of 10.0.0.0/8 that overlaps with none of the others.
 *
 * @param taken destinations of routes and addresses of this machine: "172.17.0.0/16", "10.1.2.3"; others are passed over
 * @param draw a whole number from 0, below its argument
 * @returns undefined where none is free
 */
export function chooseSubnet(
  nodes: number,
  taken: readonly string[],
  draw: (below: number) => number,
): Subnet | undefined {
  const prefix = nodes <= mostNodesOf24 ? 24 : 16;
  const ranges = taken.flatMap((text) => parseRange(text) ?? []);
  const count = 2 ** (prefix - 8);
  const size = 2 ** (32 - prefix);
  const first = draw(count);
  for (let step = 0; step < count; step++) {
    const start = 10 * 2 ** 24 + ((first + step) % count) * size;
    const isFree = ranges.every((range) => range.end <= start || range.start >= start + size);
    if (isFree) return describe(start, prefix);
  }
  return undefined;
}

function describe(start: number, prefix: 16 | 24): Subnet {
  return {
    text: `${format(start)}/${prefix}`,
    prefix,
    coordinator: format(start + 1),
    addressOf: (node) => format(start + 2 + node),
  };
}

const format = (address: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

function parseRange(text: string): { readonly start: number; readonly end: number } | undefined {
  const [, a = "", b = "", c = "", d = "", bits = "32"] =
    /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text) ?? [];
  if (a === "" || Number(bits) === 0) return undefined;
  const address = ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d);
  const size = 2 ** (32 - Number(bits));
  const start = Math.floor(address / size) * size;
  return { start, end: start + size };
}

/** Destinations that `ip -4 route show table all` lists: "10.1.0.0/16 dev eth0 …", "local 10.1.2.3 dev eth0 …". */
export function parseRoutes(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) => /^(?:[a-z]+ )?(\d+\.\d+\.\d+\.\d+(?:\/\d+)?) /.exec(`${line} `)?.[1] ?? []);
}

/** Where the hosts of a testbed stand: names, labels, addresses and ports. Pure. */
import { createHash } from "node:crypto";

/** On every container, volume and network of a testbed; its value is the testbed's id. */
export const testbedLabel = "baleen.testbed";
/** On the same; its value is the state folder, for people who look for whose it is. */
export const ownerLabel = "baleen.testbed.state";

export const mostHosts = 16;
/** Ports of a node on its host: for the other validators and its RPC, and for the metrics of several nodes. */
const nodePortRanges = [
  [26_656, 26_660],
  [26_670, 26_683],
] as const;

/**
 * How the hosts are reached from here. Linux answers on all of 127.0.0.0/8, so each host gets an address of its
 * own there and keeps the usual ports; elsewhere all share 127.0.0.1, and only SSH is published, host by host.
 */
export type Addressing =
  | {
      readonly kind: "address-each";
      /** First three parts: host i has the address `${prefix}.${i + 1}`. */
      readonly prefix: string;
      /** Publish the nodes' ports too. */
      readonly nodePorts: boolean;
      readonly sshPort: number;
    }
  | {
      readonly kind: "port-each";
      readonly address: string;
      /** SSH of host 0; that of host i is on the i-th port after it. */
      readonly firstPort: number;
    };

/** A port, or some in a row, of a host, and where it is found from here. */
export interface PublishedRange {
  readonly address: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly firstHostPort: number;
}

export interface HostPlace {
  /** Name of the container, of the host in the network, and what people read: "baleen-testbed-0". */
  readonly name: string;
  /** Volume with the engine's data. */
  readonly volume: string;
  readonly address: string;
  readonly sshPort: number;
  readonly published: readonly PublishedRange[];
}

/** The hosts' places, in order. */
export function placeHosts(count: number, name: string, addressing: Addressing): HostPlace[] {
  return Array.from({ length: count }, (_, index) => {
    const host = `${name}-${index}`;
    const { address, sshPort } =
      addressing.kind === "address-each"
        ? { address: `${addressing.prefix}.${index + 1}`, sshPort: addressing.sshPort }
        : { address: addressing.address, sshPort: addressing.firstPort + index };
    const ranges = addressing.kind === "address-each" && addressing.nodePorts ? nodePortRanges : [];
    return {
      name: host,
      volume: `${host}-docker`,
      address,
      sshPort,
      published: [
        { address, firstPort: sshPort, lastPort: sshPort, firstHostPort: 22 },
        ...ranges.map(([first, last]) => {
          return { address, firstPort: first, lastPort: last, firstHostPort: first };
        }),
      ],
    };
  });
}

/** Every single port that the places take here. */
export function listEndpoints(places: readonly HostPlace[]): { host: string; port: number }[] {
  return places.flatMap(({ published }) =>
    published.flatMap(({ address, firstPort, lastPort }) =>
      Array.from({ length: lastPort - firstPort + 1 }, (_, step) => ({
        host: address,
        port: firstPort + step,
      })),
    ),
  );
}

/**
 * The id of the testbed that a state folder stands for. It follows from the path alone, so that what a killed
 * command has made is found by the next one, whatever it could write down.
 */
export function testbedId(stateDir: string): string {
  return createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
}

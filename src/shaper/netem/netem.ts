import type { LinkShape } from "../../contracts/links/shape.ts";
import { systemClock } from "../../core/clock.ts";
import { ShaperError } from "../error.ts";
import type { Mechanism, MechanismOptions } from "../mechanism.ts";
import type { HeldPlace } from "../namespaces.ts";
import { addLines, changeLines, type Egress, moveLines, removalLine, rootLine } from "./commands.ts";
import { deviceTo, parseRoutes } from "./routes.ts";

/** What shapes the way to one receiver. */
interface Leaf {
  readonly egress: Egress;
  shape: LinkShape;
}

/** One node of this machine, by its receivers' names. */
interface Sender {
  readonly namespace: number;
  readonly leaves: ReadonlyMap<string, readonly Leaf[]>;
}

/** Queueing disciplines of the senders' kernel: what they hold needs no process of ours. */
export async function openNetem({ network, tools }: Omit<MechanismOptions, "report">): Promise<Mechanism> {
  const senders = new Map<string, Sender>();

  /** A node with addresses behind several interfaces has a leaf at each. */
  const egressesTo = async (from: HeldPlace, namespace: number) => {
    const routes = parseRoutes(await tools.routes(namespace));
    const numbered = network.places.map((place, at) => ({ place, number: at + 1 }));
    return numbered
      .filter(({ place }) => place.name !== from.name)
      .flatMap(({ place, number }) => {
        const devices = Map.groupBy(place.addresses, (address) => deviceTo(address, routes));
        return [...devices].map(([device, addresses]) => {
          if (device === undefined || device === "lo") {
            const remedy = `Give ${place.name} an address that ${from.name} reaches over a network`;
            throw new ShaperError(`${from.name} has no way to ${addresses.join(", ")}. ${remedy}.`);
          }
          return { to: place.name, egress: { device, number, addresses } };
        });
      });
  };

  const install = async (from: HeldPlace, namespace: number) => {
    const egresses = await egressesTo(from, namespace);
    const leaves = egresses.map(({ to, egress }) => {
      return { to, leaf: { egress, shape: network.shape({ from: from.name, to }) } };
    });
    const devices = [...new Set(egresses.map(({ egress }) => egress.device))];
    const old = senders.get(from.name);
    const known = old?.namespace === namespace ? new Set(devicesOf(old)) : new Set<string>();
    await tools.traffic(namespace, [
      ...[...known].map(removalLine),
      ...devices.map(rootLine),
      ...leaves.flatMap(({ leaf }) => addLines(leaf.egress, leaf.shape)),
    ]);
    const grouped = Map.groupBy(leaves, ({ to }) => to);
    senders.set(from.name, {
      namespace,
      leaves: new Map([...grouped].map(([to, all]) => [to, all.map(({ leaf }) => leaf)])),
    });
  };

  /** Others have new addresses. What waits for the rest goes on waiting. */
  const move = async (from: HeldPlace, namespace: number, moved: ReadonlySet<string>) => {
    const leaves = senders.get(from.name)?.leaves;
    const egresses = (await egressesTo(from, namespace)).filter(({ to }) => moved.has(to));
    const isKnown = egresses.every(({ to, egress }) => {
      const found = leaves?.get(to) ?? [];
      return found.length === 1 && found[0]?.egress.device === egress.device;
    });
    if (isKnown)
      await tools.traffic(
        namespace,
        egresses.flatMap(({ egress }) => moveLines(egress)),
      );
    else await install(from, namespace);
  };

  return {
    name: "netem",
    attach: async (places) => {
      const attached = new Set(places.map(({ name }) => name));
      for (const place of network.places) {
        const { name, namespace } = place;
        if (namespace === undefined) continue;
        if (attached.has(name) || !senders.has(name)) await install(place, namespace);
        else await move(place, namespace, attached);
      }
    },
    set: async (changes) => {
      for (const [from, ownChanges] of Map.groupBy(changes, (change) => change.from)) {
        const sender = senders.get(from);
        if (sender === undefined) continue;
        const lines = ownChanges.flatMap(({ to }) => {
          const shape = network.shape({ from, to });
          return (sender.leaves.get(to) ?? []).flatMap((leaf) => {
            const before = leaf.shape;
            leaf.shape = shape;
            return changeLines(leaf.egress, shape, before);
          });
        });
        await tools.traffic(sender.namespace, lines);
      }
      return systemClock.monotonicMs();
    },
    close: async () => {},
  };
}

const devicesOf = ({ leaves }: Sender) => [...leaves.values()].flat().map(({ egress }) => egress.device);

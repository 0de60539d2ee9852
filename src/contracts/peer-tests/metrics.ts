/** What a peer reports of the packets that it handles: the same seven figures of each of seven kinds. */
import type { Form } from "../../core/documents/form.ts";
import { type Of, record } from "../../core/documents/form.ts";
import { boundedTable, given, list } from "../../core/documents/form-values.ts";
import { extraNames, metricsLimits } from "./bounds.ts";
import { peerId } from "./names.ts";
import { type PacketMetric, packetFamilies, packetFigures } from "./packets.ts";

export const packetForms = Object.fromEntries(
  Object.entries(packetFamilies).flatMap(([family, kind]) =>
    Object.entries(packetFigures).map(([figure, meaning]) => {
      const name = `${family}${figure}`;
      return [name, given(`${meaning}: ${kind}.`).keyed(name)];
    }),
  ),
) as Readonly<Record<PacketMetric, Form<number>>>;

export const packetMetrics = Object.keys(packetForms) as readonly PacketMetric[];

export const metricsForm = record(
  "What a peer reports of its last window.",
  {
    ...packetForms,
    connectedPeers: list("Peers to which it is connected.", peerId("Id of a peer."), {
      most: metricsLimits.connectedPeers,
    }).keyed("connectedPeers"),
    knownPeersCount: given("Number of peers that it knows.").keyed("knownPeersCount"),
    position: list("Where it is: x, y and z.", given("A coordinate.", {}), { fewest: 3, most: 3 }),
    extra: boundedTable(
      "Figures of its own, such as how busy it is; omitted if there are none.",
      given("A figure.", {}),
      {
        names: extraNames,
        expectedName: "a name of 1 to 64 letters and digits, with a letter first",
        most: metricsLimits.extra,
      },
    ).optional(),
  },
  { id: "metrics", isClosed: true },
);

export interface PeerMetrics extends Of<typeof metricsForm> {}

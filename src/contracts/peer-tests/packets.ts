/** Packets that a peer library handles, and what is counted of them: names that server and page share. Imports nothing. */

/** Kinds of packets. */
export const packetFamilies = {
  sent: "packets that the peer sent",
  received: "packets that the peer received",
  relayed: "packets that the peer passed on; they do not count as sent",
  all: "packets of all kinds",
  relevant: "packets for rooms that the peer has joined",
  duplicate: "packets that arrived again",
  expired: "packets that arrived out of order or too late",
} as const;

/** What is counted of each kind: what follows its name, and the meaning. The window is the time since the last report. */
export const packetFigures = {
  "": "Number in the last window",
  Total: "Number since the test began",
  PerSecond: "Number per second in the last window",
  Bytes: "Bytes in the last window",
  TotalBytes: "Bytes since the test began",
  BytesPerSecond: "Bytes per second in the last window",
  AveragePacketSize: "Mean size since the test began, in bytes",
} as const;

export type PacketFamily = keyof typeof packetFamilies;
export type PacketFigure = keyof typeof packetFigures;
export type PacketMetric = `${PacketFamily}${PacketFigure}`;

export const families = Object.keys(packetFamilies) as readonly PacketFamily[];

/** Packets of interfaces, kept by tcpdump. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "./children.ts";
import { pcapngOf } from "./pcapng.ts";

/** Of each packet; its head tells what it is. */
const keptBytes = 256;
/** Of each interface: 64 MiB at most. */
const mostPackets = 240_000;

export interface Capture {
  readonly iface: string;
  readonly child: Child;
  /** All packets until now, as pcapng. @throws Error where there is none */
  readonly read: () => Promise<Buffer>;
}

export function startCapture(
  iface: string,
  home: string,
  log: (message: string, facts?: Readonly<Record<string, unknown>>) => void,
): Capture {
  const path = join(home, `${iface}.pcap`);
  const bounds = ["--snapshot-length", String(keptBytes), "-c", String(mostPackets)];
  // Root stays root, and each packet is in the file at once.
  const form = ["-w", path, "--packet-buffered", "--immediate-mode", "-Z", "root", "-n"];
  const child = startChild(`tcpdump of ${iface}`, ["tcpdump", "--interface", iface, ...bounds, ...form], {
    log,
  });
  return { iface, child, read: async () => pcapngOf(await readFile(path), iface) };
}

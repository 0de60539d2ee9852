import type { ListeningPort } from "./facts.ts";

/**
 * The TCP sockets on which a host listens, as /proc/net/tcp and tcp6 have them.
 *
 * @param listeners "0100007F:65C1 4632722": address and port in hexadecimal, and inode
 * @param owners "4632722 17 sshd": inode, process, and its name
 */
export function parseListeners(listeners: readonly string[], owners: readonly string[]): ListeningPort[] {
  const processes = new Map<string, { pid: number; name: string }>();
  for (const owner of owners) {
    const [, inode, pid, name] = /^(\d+) (\d+) ?(.*)$/.exec(owner) ?? [];
    if (inode === undefined) continue;
    // A parent may hold it too (sshd, containerd's shim): the first one is as good as any.
    if (!processes.has(inode)) processes.set(inode, { pid: Number(pid), name: name ?? "" });
  }
  return listeners.flatMap((listener) => {
    const [, address, port, inode] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) (\d+)$/.exec(listener) ?? [];
    if (address === undefined || port === undefined || inode === undefined) return [];
    const process = processes.get(inode);
    return [
      {
        port: Number.parseInt(port, 16),
        address: formatKernelAddress(address),
        ...(process === undefined ? {} : { process }),
      },
    ];
  });
}

/** Words of 32 bits, each in the machine's byte order, which is little-endian wherever Docker runs (but s390x). */
function formatKernelAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    Number.parseInt(`${bytes[2 * i]}${bytes[2 * i + 1]}`, 16).toString(16),
  );
  // The URL parser writes an IPv6 address in its shortest form.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

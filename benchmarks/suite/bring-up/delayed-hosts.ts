import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostSpec } from "../../../src/contracts/hosts/host.ts";
import { startRelay } from "../relay.ts";

export interface DelayedHosts extends AsyncDisposable {
  readonly hosts: readonly HostSpec[];
  readonly knownHostsFile: string;
}

/** The same hosts, where SSH goes through a relay that holds each byte back; all else goes as it went. */
export async function delayHosts(given: {
  readonly hosts: readonly HostSpec[];
  readonly knownHostsFile: string;
  readonly folder: string;
  readonly oneWayDelayMs: number;
}): Promise<DelayedHosts> {
  const { hosts, knownHostsFile, folder, oneWayDelayMs } = given;
  if (oneWayDelayMs === 0) return { hosts, knownHostsFile, [Symbol.asyncDispose]: async () => {} };
  const addresses = hosts.map(({ address }) => address.host);
  const relay = await startRelay({ links: hosts.length, addresses, oneWayDelayMs });
  const known = (await readFile(knownHostsFile, "utf8")).split("\n");
  const lines: string[] = [];
  const delayed = hosts.map((host, i): HostSpec => {
    const port = relay.ports[i] ?? 0;
    relay.route({ port, target: host.address.port });
    const line = known.find((each) => each.startsWith(`${host.address.host} `));
    if (line === undefined) throw new Error(`${knownHostsFile} has no plain line for ${host.address.host}.`);
    lines.push(`[${host.address.host}]:${port}${line.slice(host.address.host.length)}`);
    // The address stays, so that the RPC is reached as before: only the way to sshd is longer.
    return { ...host, address: { ...host.address, port } };
  });
  const file = join(folder, `known_hosts_${oneWayDelayMs}_${hosts.length}`);
  await writeFile(file, `${lines.join("\n")}\n`);
  return { hosts: delayed, knownHostsFile: file, [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose]() };
}

/** Who is told a rate: the tool, and the peers that can be. */
import { type Drive, driveDefaults, driveOurs } from "../drive.ts";
import { type FoundPeer, findPeers } from "../peers/catalog.ts";
import { type OpenSetting, peerNamed } from "../peers/commands.ts";
import type { PacedContender } from "./paced.ts";

/**
 * JavaScript is compiled while it runs, for some ten seconds at 1,000 tx/s; a run of the default length has a warm-up of
 * so many.
 */
export const ownWarmUpSecs = 18;

/** @param drive its warm-up is a part of the seconds that it is asked for */
export const oursAtRate = (label: string, drive: Partial<Drive>): PacedContender => ({
  label,
  command: async ({ port, rateTps, seconds }) => {
    const { warmUpSecs = 0 } = drive;
    return driveOurs({ ...driveDefaults, ...drive, port, rateTps, seconds: seconds - warmUpSecs });
  },
});

export interface PeersAtRate {
  readonly contenders: readonly PacedContender[];
  /** A sentence for each peer that is not installed. */
  readonly missing: readonly string[];
  readonly found: readonly FoundPeer[];
}

/** Those of the peers that are installed. */
export async function peersAtRate(
  settings: readonly OpenSetting[],
  options: { readonly cache: string; readonly path: string; readonly connections: number },
): Promise<PeersAtRate> {
  const found = await findPeers(options.cache, options.path);
  const [contenders, missing]: [PacedContender[], string[]] = [[], []];
  for (const { label, peer: name, prepare } of settings) {
    const peer = peerNamed(found, name);
    if ("missing" in peer) {
      missing.push(`NOT MEASURED: ${label}: ${peer.missing}`);
      continue;
    }
    contenders.push({
      label,
      command: async (load) => ({
        argv: [...peer.argv, ...(await prepare({ ...load, connections: options.connections }))],
        env: peer.env,
      }),
    });
  }
  return { contenders, missing, found };
}

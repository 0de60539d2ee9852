import type { RemoteParameters } from "../../contracts/parameters.ts";
import { defaultRemote } from "../parameters.ts";

/** Flags that lead another command to the same hosts, as far as the environment does not. */
export function listHostFlags(remote: RemoteParameters): string[] {
  const { hostsFile, hostsFlag = "--hosts", knownHostsFile, hostKeyPolicy } = remote;
  return [
    ...(hostsFile === undefined ? [] : [hostsFlag, hostsFile]),
    ...(knownHostsFile === undefined ? [] : ["--known-hosts", knownHostsFile]),
    ...(hostKeyPolicy === defaultRemote.hostKeyPolicy ? [] : ["--host-key-policy", hostKeyPolicy]),
  ];
}

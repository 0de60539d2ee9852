import type { Host } from "../contracts/host.ts";
import { BaleenError } from "../core/errors.ts";

/** Who has a host, as told to those who come later. */
export interface HostLockInfo {
  /** Id of the run. */
  readonly run: string;
  /** For people: "alice@laptop, process 123". */
  readonly holder: string;
  /** Wall time of the holder's machine, RFC 3339 UTC. */
  readonly since: string;
}

/** Another run has the host. */
export class HostLockedError extends BaleenError {
  readonly host: string;
  /** undefined where the holder has not said who it is. */
  readonly info: HostLockInfo | undefined;

  constructor(host: string, info: HostLockInfo | undefined) {
    super("host-locked", `${host} is in use`);
    this.host = host;
    this.info = info;
  }
}

/** A host that is ours until this is disposed of, or this process or the way to the host is gone. */
export interface HostLock extends AsyncDisposable {
  readonly info: HostLockInfo;
  /**
   * Told once when the lock is lost for good: another run has the host now, or it cannot be reached any more.
   * A lost connection that stands again in time takes the lock again, which is not told.
   */
  readonly onLost: (listener: (error: BaleenError) => void) => () => void;
}

/**
 * Takes a host for one run, whichever user the connection is of. A run that held it before a connection was lost
 * takes it over from itself.
 *
 * @throws HostLockedError where another run has it
 */
export function lockHost(
  _host: Host,
  _options: { run: string; holder: string; signal: AbortSignal },
): Promise<HostLock> {
  return Promise.reject(new Error("not written yet"));
}

/** Who has the host; undefined where nobody does. Changes nothing. */
export function readHostLock(
  _host: Host,
  _options?: { signal?: AbortSignal | undefined },
): Promise<HostLockInfo | undefined> {
  return Promise.reject(new Error("not written yet"));
}

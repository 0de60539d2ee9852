/** How a host of the network stands to the coordinator. What could not be measured is absent. */
export interface HostLink {
  readonly name: string;
  readonly region?: string | undefined;
  /** Its clock minus the coordinator's; the true difference is within ± clockErrorMs of it. */
  readonly clockOffsetMs?: number | undefined;
  readonly clockErrorMs?: number | undefined;
  readonly coordinatorRttMs?: number | undefined;
}

/** The way from one host to another. */
export interface HostPair {
  readonly from: string;
  readonly to: string;
  /** Round trip; absent where it could not be measured. */
  readonly rttMs?: number | undefined;
}

/** The links of a network's hosts at one moment. */
export interface LinkReport {
  readonly hosts: readonly HostLink[];
  readonly pairs: readonly HostPair[];
}

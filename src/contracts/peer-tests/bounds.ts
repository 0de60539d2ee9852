/** Bounds of what a peer reports. Imports nothing: server and page share it. */

/** Of one data point. */
export const metricsLimits = { connectedPeers: 1_000, extra: 64 } as const;

/** What a further figure of a data point may be called. */
export const extraNames = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/** What a kind of message may be called in a peer's results, and how many of them there are at most. */
export const kindNames = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const mostKinds = 64;

/** What the results server takes; replies name the bound that is in the way. */
export const peerTestLimits = {
  /** Files of tests in the folder, finished or not. */
  tests: 10_000,
  unfinishedTests: 100,
  peersOfTest: 10_000,
  pointsOfTest: 10_000_000,
  topologiesOfTest: 10_000,
  /** What a test takes on disk before it is finished. */
  bytesOfTest: 32 * 1024 ** 3,
  /** A body. */
  bodyBytes: 256 * 1024,
  newTestBodyBytes: 4 * 1024,
  /** What a body becomes in the log: numbers may be written longer than they came. */
  lineBytes: 512 * 1024,
  /** Replies with all data points at once. */
  streams: 16,
} as const;

export type PeerTestLimits = { readonly [K in keyof typeof peerTestLimits]: number };

import type { Ledger } from "../../../src/contracts/results/latency.ts";

/** Balances, with something in nearly every cell. */
export const sampleLedger: Ledger = {
  scheduled: 100,
  unsent: { dropped: 2, cut: 1 },
  sent: {
    acknowledged: { committed: 80, notSeen: 5 },
    rejected: { committed: 0, notSeen: 6 },
    timedOut: { committed: 1, notSeen: 2 },
    connectionFailed: { committed: 2, notSeen: 1 },
  },
  duplicateCommits: 4,
  unknownCommits: 3,
  forgottenCommits: 5,
  lateSends: 7,
};

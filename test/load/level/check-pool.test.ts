import { describe, expect, test } from "vitest";
import type { SweepParameters } from "../../../src/contracts/parameters.ts";
import { findPoolDiagnostics } from "../../../src/load/level/check-pool.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { ethereum } from "../../../src/protocol/ethereum/ethereum.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const usual = checkParameters(
  givenFrom({ committee: 1, duration: 60, warmUp: 0, allowNoFaults: true }),
  ethereum,
).parameters;

const refused = (changes: Partial<SweepParameters>, cores = 4) =>
  findPoolDiagnostics(ethereum, { ...usual, ...changes }, cores).map(({ message }) => message);

describe("what clients would have to keep", () => {
  // 512 MiB are 1,048,576 transactions of 512 bytes.
  test("is refused above 512 MiB, for each load, and said", () => {
    expect(refused({ loadsTps: [100, 17_476, 17_477, 17_477] })).toEqual([
      "At a load of 17477: A client would have to keep 1048620 transactions of 512 bytes, made before the run: " +
        "513 MiB, and the limit is 512 MiB. Use a lower load, a shorter run, smaller transactions or more clients.",
    ]);
  });

  test("is shared out over the clients that there will be", () => {
    expect(refused({ loadsTps: [30_000], clients: 2 })).toEqual([]);
    expect(refused({ loadsTps: [30_000] })).toEqual([]);
    expect(refused({ loadsTps: [30_000] }, 2)).toHaveLength(1);
  });

  test("counts the warm-up, and in a closed loop what is made at most", () => {
    expect(refused({ loadsTps: [17_000], warmUpSecs: 10 })).toHaveLength(1);
    const closed = { profile: { kind: "closed" }, loadsTps: [64] } as const;
    expect(refused(closed)).toEqual([]);
    expect(refused({ ...closed, transactionSizeBytes: 100_000 })).toHaveLength(1);
  });

  test("is nothing where transactions are made when they are due", () => {
    expect(findPoolDiagnostics(mysticeti, { ...usual, loadsTps: [1_000_000] }, 1)).toEqual([]);
  });
});

/** What each field of a validator's tuning may be: one table for its file, its flags, its environment and the tool. */
import { oneOf, range } from "../../core/allowed-value.ts";
import { defaultValidatorTuning, type ValidatorTuning } from "./node-files.ts";

/** Whole numbers of a range, or one of a few words. */
type Allowed = ReturnType<typeof range | typeof oneOf>;

export interface TuningField {
  readonly section: keyof ValidatorTuning;
  /** In its section of config.json. */
  readonly name: string;
  /** Kebab case; `min-round-delay` is `--min-round-delay` and BALEEN_VALIDATOR_MIN_ROUND_DELAY. */
  readonly flag: string;
  /** Stands for the value in the help. */
  readonly placeholder: string;
  readonly meaning: string;
  readonly allowed: Allowed;
}

type Row<S extends keyof ValidatorTuning> = readonly [
  name: keyof ValidatorTuning[S] & string,
  flag: string,
  placeholder: string,
  allowed: Allowed,
  meaning: string,
];

function rows<S extends keyof ValidatorTuning>(section: S, fields: readonly Row<S>[]): TuningField[] {
  return fields.map(([name, flag, placeholder, allowed, meaning]) => {
    return { section, name, flag, placeholder, allowed, meaning };
  });
}

/** In the order of the help. */
export const tuningFields: readonly TuningField[] = [
  ...rows("consensus", [
    ["minRoundDelayMs", "min-round-delay", "MS", range(0, 60_000), "shortest time between two own blocks"],
    ["leaderTimeoutMs", "leader-timeout", "MS", range(1, 600_000), "longest wait for a round's leaders"],
    [
      "leadersPerRound",
      "leaders-per-round",
      "COUNT",
      range(1, 100),
      "number of leaders in each round; the same on all validators",
    ],
    ["blockSizeBytes", "block-size", "BYTES", range(1, 3 * 2 ** 20), "transaction bytes in one own block"],
    [
      "checkpointIntervalHeights",
      "checkpoint-interval",
      "HEIGHTS",
      range(1, 1_000_000_000),
      "interval between two checkpoints; the same on all validators",
    ],
  ]),
  ...rows("mempool", [
    ["mostTransactions", "mempool-size", "TXS", range(1, 100_000_000), "transactions that may wait"],
    ["mostBytes", "mempool-bytes", "BYTES", range(1, 2 ** 40), "total bytes of transactions that may wait"],
  ]),
  ...rows("log", [
    ["sync", "log-sync", "WHEN", oneOf("none", "interval", "block"), "when the log is synced to disk"],
    ["syncIntervalMs", "log-sync-interval", "MS", range(1, 3_600_000), "time between interval syncs"],
    [
      "retainHeights",
      "retain-heights",
      "HEIGHTS",
      range(0, 1_000_000_000),
      "blocks this far behind may be removed from the log",
    ],
    ["retainBytes", "retain-bytes", "BYTES", range(0, 2 ** 50), "or once the log is larger than this"],
  ]),
  ...rows("rpcLimits", [
    ["mostConnections", "rpc-connections", "COUNT", range(1, 1_000_000), "open connections to the RPC"],
    ["mostBatchRequests", "rpc-batch", "COUNT", range(1, 100_000), "requests in one JSON-RPC batch"],
  ]),
  ...rows("output", [
    [
      "level",
      "log-level",
      "LEVEL",
      oneOf("debug", "info", "warn", "error"),
      "lowest level of lines to write",
    ],
  ]),
];

export function tuningField<S extends keyof ValidatorTuning>(
  section: S,
  name: keyof ValidatorTuning[S] & string,
): TuningField {
  const found = tuningFields.find((field) => field.section === section && field.name === name);
  if (found === undefined) throw new TypeError(`no field ${section}.${name}`);
  return found;
}

export function tuningDefault({ section, name }: TuningField): number | string {
  return (defaultValidatorTuning[section] as Readonly<Record<string, number | string>>)[name] ?? "";
}

/** A value as a flag or the environment gives it: digits stand for a number. */
export function tuningFromText(text: string, allowed: Allowed): number | string {
  return allowed.kind === "number" && /^-?\d{1,16}$/.test(text) ? Number(text) : text;
}

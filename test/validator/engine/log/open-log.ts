import { type LogOptions, WriteAheadLog } from "../../../../src/validator/engine/log/write-ahead-log.ts";

/** Opens a log that is never forced to the disk, unless asked otherwise. */
export function openLog(folder: string, options: Partial<LogOptions> = {}): WriteAheadLog {
  const failed = (error: Error) => {
    throw error;
  };
  return new WriteAheadLog(folder, { sync: "none", syncIntervalMs: 1_000, failed, ...options });
}

/** What of a sweep was written to a database while it went on. */
import { type Of, record } from "../../core/documents/form.ts";
import { count, text } from "../../core/documents/form-values.ts";
import type { BaleenEvent } from "../events.ts";

export const relayForm = record(
  "What was written to InfluxDB while the sweep ran; omitted without --influx.",
  {
    url: text("Where it was written, without credentials."),
    pointsWritten: count("Points that the database accepted."),
    pointsDropped: count("Points that were not written: the database was away too long, or refused them."),
    trouble: text("The first failed write; omitted if none failed.").optional(),
  },
);

export interface RelayReport extends Of<typeof relayForm> {}

/** Passes events on to somewhere else while a sweep goes on. */
export interface EventRelay {
  /** Never waits and never throws. */
  readonly observe: (event: BaleenEvent) => void;
  /** Passes on what is left, for a few seconds at most; never rejects. */
  readonly finish: () => Promise<RelayReport>;
}

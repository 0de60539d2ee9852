import type { SenderReport } from "../../load/plan/client-plan.ts";

/** One client, and what it found. */
export interface ClientRun {
  readonly name: string;
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** As ClientOutcome has it. */
  readonly startErrorMs?: number | undefined;
  readonly report: SenderReport;
}

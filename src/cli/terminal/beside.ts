/** What goes on beside a command for those who asked for it; nothing of it starts before a sweep does. */
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { EventRelay } from "../../contracts/results/relay.ts";
import type { ManualLinks } from "../../run/faults/manual-links.ts";
import type { Check } from "../../run/prepare/preflight.ts";
import type { InfluxTarget } from "../../server/export/influx/target.ts";

/** Pages beside a command, from its first sweep on. */
export interface Dashboard extends AsyncDisposable {
  /**
   * Says where the pages of a bundle are; starts to serve them first, where that has not been done.
   * @returns the server's URL
   */
  readonly open: (bundle: string, outputDir: string) => Promise<string>;
  /** What people change on these pages. */
  readonly manual: ManualLinks;
}

/** Prometheus and Grafana beside a command, from its first sweep on. */
export interface Monitoring extends AsyncDisposable {
  readonly check: Check;
  /** Starts them where that has not been done. @param dashboard URL of the pages, which also show the metrics */
  readonly open: (dashboard: string, parameters: SweepParameters) => Promise<void>;
}

/** The database that a command was given. */
export interface AskedInflux {
  readonly target: InfluxTarget;
  /** Whether it takes points. */
  readonly check: Check;
  /** For one sweep. */
  readonly openRelay: () => EventRelay;
}

export interface Beside {
  readonly dashboard?: Dashboard | undefined;
  readonly monitoring?: Monitoring | undefined;
  readonly influx?: AskedInflux | undefined;
}

/** Whether all of it can be started. */
export const besideChecks = ({ influx, monitoring }: Beside): readonly Check[] =>
  [influx, monitoring].flatMap((service) => (service === undefined ? [] : [service.check]));

import type { HostRequest } from "../../contracts/hosts/host.ts";

/** A described host whose fields were checked; a faulty address is "". */
export interface CheckedHost extends Omit<HostRequest, "nodes"> {
  /** For diagnostics. */
  readonly place: string;
  /** Its name was given. */
  readonly named: boolean;
  /** Nodes that must run here … */
  readonly numbers: readonly number[];
  /** … and how many more may. */
  readonly slots: number;
}

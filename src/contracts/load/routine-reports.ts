/** What peers that run routines report, and how they are asked for it. */
import type { Plane } from "../nodes/node.ts";

export interface RoutineReports {
  /** GET of each node: how far its peer is, as BrowserStatus. */
  readonly status: { readonly plane: Plane; readonly path: string };
  /** The helper to which peers report; it has made the test that they take part in. */
  readonly resultsServer: { readonly role: string; readonly plane: Plane };
}

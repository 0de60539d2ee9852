import type { SweepParameters } from "../../contracts/parameters.ts";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";
import {
  type BaselineUse,
  baselineDiagnostics,
  expectedRuns,
} from "../../results/analysis/assertions/baseline.ts";
import { readSide } from "../../results/bundle/reader.ts";
import { BundleReadError } from "../../results/schema/read-error.ts";
import type { Check } from "./preflight.ts";

/** An earlier sweep, read and looked at before anything is started. */
export interface Baseline {
  readonly check: Check;
  /** Once the check has found no diagnostic; undefined where none was given. */
  readonly side: () => SideRuns | undefined;
}

/** @param onUnreadable told why where it cannot be read, which is no error then: nothing changed can be shown */
export function openBaselineAt(
  path: string | undefined,
  use: (baseline: SideRuns) => BaselineUse,
  onUnreadable?: (message: string) => void,
): Baseline {
  let side: SideRuns | undefined;
  return {
    side: () => side,
    check: async () => {
      if (path === undefined) return [];
      try {
        side = await readSide(path);
      } catch (error) {
        if (!(error instanceof BundleReadError)) throw error;
        if (onUnreadable !== undefined) {
          // The path stands in the bundle, where anybody may have written it.
          onUnreadable(formatForeign(`The baseline of the sweep: ${error.message}`));
          return [];
        }
        return [{ code: error.code, message: `--baseline: ${error.message}` }];
      }
      return baselineDiagnostics(side, use(side)).map((reason) => ({
        code: "baseline",
        message: `--baseline ${path}: ${reason}`,
      }));
    },
  };
}

export function openBaseline(parameters: SweepParameters): Baseline {
  const { baseline: path, assertions, loadsTps, profile } = parameters;
  return openBaselineAt(path, (baseline) => ({
    assertions,
    loadsTps,
    profile,
    runs: expectedRuns(parameters, baseline),
  }));
}

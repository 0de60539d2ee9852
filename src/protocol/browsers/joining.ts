/** Browsers that take part in a test that others run. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import { type BrowserFile, browserFile } from "../../contracts/peer-tests/node-files.ts";
import { committeeDiagnostics } from "../../contracts/protocol-options.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { jsonFile } from "../plan-parts.ts";
import { browserProgram, browserRole, chromiumDiagnostics, largestCommittee } from "./programs.ts";
import { dealRoutines } from "./routines.ts";

export interface JoiningBrowsers {
  readonly count: number;
  readonly routines: string;
  readonly durationSecs: number;
  readonly testId: string;
  /** Without a slash at their ends. */
  readonly clientUrl: string;
  readonly resultsServerUrl: string;
  readonly lighthouseUrl: string;
}

/** A plan of browsers alone. @throws ConfigurationError where there is no Chromium, or too many browsers are asked for */
export function planJoiningBrowsers(asked: JoiningBrowsers): DeploymentPlan {
  const { count, testId, clientUrl } = asked;
  const diagnostics = [...committeeDiagnostics(count, largestCommittee), ...chromiumDiagnostics(undefined)];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const { dealt } = dealRoutines(asked.routines, count);
  const configure: NodeGroup["configure"] = ({ name, index }, view) => {
    const query = new URLSearchParams({
      testId,
      testDuration: String(asked.durationSecs),
      lighthouseUrl: asked.lighthouseUrl,
      statsServerUrl: asked.resultsServerUrl,
      routine: dealt[index] ?? "",
    });
    const file: BrowserFile = {
      ...{ name, testId, rpc: view.listen("rpc") },
      pageUrl: `${clientUrl}/?${query}`,
      leastConnected: 0,
    };
    return { args: ["--home", view.home], files: [jsonFile(browserFile, file, 0o644)] };
  };
  return {
    protocol: "browsers",
    groups: [{ role: browserRole, count, program: browserProgram(), planes: ["rpc"], configure }],
  };
}

import { arch, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { formatJson } from "../bundle/numbers.ts";
import { type Check, runChecks } from "../doctor/checks.ts";
import { buildDiagnosesJson, countFindings, formatDiagnoses } from "../doctor/report.ts";
import { judgeBuild, judgeNode, readBuild } from "../doctor/software.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { preflight } from "./preflight.ts";
import { openSteps } from "./steps.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `doctor`: whether this machine can run a benchmark, and whether its numbers could be believed. Changes nothing. */
export async function runDoctor(request: CommandRequest, context: CommandContext): Promise<ExitCode> {
  const { terminal, settings, signal } = context;
  await preflight(request.faults, [], signal);
  const tell = openSteps(context);
  const checks: readonly Check[] = [
    {
      name: "Node.js",
      limitMs: 1000,
      look: async () => [
        judgeNode({ version: process.versions.node, least: "22.19", platform: platform(), arch: arch() }),
      ],
    },
    {
      name: "Build",
      limitMs: 30_000,
      look: async (limit) => [judgeBuild(await readBuild(root, process.execPath, limit), context.version)],
    },
  ];
  const diagnoses = await runChecks(checks, { signal, onSlow: ({ name }) => tell(name, "still looking") });
  const paint = { ok: undefined, warning: "yellow", fault: "red" } as const;
  terminal.print(
    settings.json
      ? formatJson(buildDiagnosesJson(diagnoses)).trimEnd()
      : formatDiagnoses(diagnoses, (state, text) => {
          const colour = paint[state];
          return colour === undefined ? text : terminal.paint(colour, text);
        }),
  );
  return countFindings(diagnoses).faults > 0 ? 1 : 0;
}

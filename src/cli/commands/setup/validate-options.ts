import { homedir } from "node:os";
import { readText } from "../../../core/documents/read-text.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { quoteArgv } from "../../../core/quote.ts";
import { describeSweep, sweepFacts } from "../../../results/report/documents/described-sweep.ts";
import { checkSweeps, type SystemBackend } from "../../../run/prepare/system.ts";
import { fileOptions, readConfigFile } from "../../options/config-file.ts";
import { optionsOf } from "../../options/options.ts";
import { gatherOptions } from "../../options/sources.ts";
import type { Finding, LookedAt } from "./finding.ts";

/** Checks a file of options as `benchmark` would, and besides it what other commands would take of it. */
export function checkOptionsFile({ path, env }: LookedAt, backend: SystemBackend): Finding {
  // What the file says counts here, whatever this shell would put in its place.
  const other = Object.entries(env).filter(([name]) => !name.startsWith("BALEEN_"));
  const sources = { env: Object.fromEntries(other), readFile: readText, home: homedir() };
  const gathered = gatherOptions("benchmark", { ...sources, argv: ["--config", path] });
  const { parameters, diagnostics } = checkSweeps(gathered, backend);
  const all = [...gathered.diagnostics, ...diagnostics, ...checkOthers(path, sources)];
  return {
    // What concerns both networks is told once.
    diagnostics: [...new Map(all.map((diagnostic) => [diagnostic.message, diagnostic])).values()],
    concealed: gathered.concealed,
    lines: [
      ...describeSweep(parameters),
      "",
      `Run it with: npx baleen benchmark --config ${quoteArgv([path])}`,
    ],
    facts: { sweeps: parameters.map(sweepFacts) },
  };
}

/** Options of other commands. */
function checkOthers(path: string, sources: Parameters<typeof readConfigFile>[2]): readonly Diagnostic[] {
  const own = new Set(optionsOf("benchmark").map(({ name }) => name));
  const { given } = readConfigFile(path, (option) => !own.has(option), sources);
  return [...given].flatMap(([name, one]) => {
    const reading = fileOptions.find((option) => option.name === name)?.rule.read(one);
    return reading !== undefined && "diagnostics" in reading ? reading.diagnostics : [];
  });
}

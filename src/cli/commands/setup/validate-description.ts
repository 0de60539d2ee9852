import type { ForeignProgram, Program } from "../../../contracts/deployment.ts";
import { programsOf } from "../../../protocol/open.ts";
import type { SystemBackend } from "../../../run/prepare/system.ts";
import type { Finding, LookedAt } from "./finding.ts";

/** Checks the description of a system as a sweep would. A program that is not here is no error: the file is right. */
export function checkDescription({ path, text }: Omit<LookedAt, "env">, backend: SystemBackend): Finding {
  const { protocol, diagnostics } = backend.openProtocol({ kind: "file", path, text });
  if (protocol === undefined) return { diagnostics, lines: [], facts: {} };
  const { name, title, observeCommits, native } = protocol;
  const commits = observeCommits === undefined ? "not observed: latency is that of replies" : "observed";
  const load = "made by the nodes themselves, which count what becomes of it";
  const line = native === undefined ? `  Commits: ${commits}` : `  Load: ${load}`;
  const programs = (programsOf(protocol) ?? []).filter(isForeign);
  return {
    diagnostics,
    lines: [`  ${name}: ${title}`, line, ...programs.map((program) => `  Program ${describe(program)}`)],
    facts: { protocol: name, programs: programs.map(({ name, path, image }) => ({ name, path, image })) },
  };
}

const isForeign = (program: Program): program is ForeignProgram => program.kind === "foreign-program";

function describe({ name, path, image }: ForeignProgram): string {
  const file = path ?? "no file found";
  return `${name}: ${file}${image === undefined ? "" : `, image ${image}`}`;
}

import type { HostRequest } from "../../../contracts/hosts/host.ts";
import type { HostLeftovers, HostRemoval, HostReport } from "../../../contracts/hosts/host-report.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { formatForeign, formatForeignLines } from "../../../core/text/foreign-text.ts";
import { formatCountOf } from "../text/figures.ts";
import { formatTable, left } from "../text/table.ts";

/** One row for each host, then what is wrong with them, and how many are ready. Ends without a line break. */
export function formatHostReports(reports: readonly HostReport[]): string {
  const names = [...new Set(reports.flatMap(({ facts }) => facts.map(([name]) => name)))];
  const column = (head: string, of: (report: HostReport) => string) =>
    left<HostReport>(`\n${head}`, (report) => formatForeign(of(report)));
  const columns = [
    column("Host", ({ name }) => name),
    column("Address", ({ address }) => address),
    ...names.map((fact) => column(fact, ({ facts }) => new Map(facts).get(fact) ?? "-")),
    column("State", ({ diagnostics }) =>
      diagnostics.length === 0 ? "ready" : formatCountOf(diagnostics.length, "fault"),
    ),
  ];
  const ready = reports.filter(({ diagnostics }) => diagnostics.length === 0).length;
  return [
    formatTable(columns, reports),
    ...formatDiagnostics(reports),
    ...formatNotes(reports),
    "",
    ready === reports.length
      ? `${formatCountOf(ready, "host")} ready.`
      : `${ready} of ${formatCountOf(reports.length, "host")} ready.`,
  ].join("\n");
}

/** Whether hosts are enough for a committee, and what is wrong with them together. Ends without a line break. */
export function formatCommittee(
  nodes: number,
  { diagnostics, notes }: Pick<HostReport, "diagnostics" | "notes">,
  {
    placed,
    isEnough,
  }: { readonly placed: readonly Pick<HostRequest, "name" | "nodes">[]; readonly isEnough: boolean },
): string {
  const indented = (text: string) => formatForeignLines(text).replaceAll(/^/gm, "  ");
  const places = placed.map(
    ({ name, nodes: held }) => `${name} ${held.length === 1 ? "node" : "nodes"} ${held.join(", ")}`,
  );
  return [
    isEnough
      ? `Enough for a committee of ${nodes}: ${places.join("; ")}.`
      : `Not ready for a committee of ${nodes}.`,
    ...diagnostics.map(({ message }) => indented(message)),
    ...notes.map((note) => indented(`note: ${note}`)),
  ].join("\n");
}

/** What was done on each host, a paragraph each. Ends without a line break. */
export function formatHostSteps(reports: readonly HostReport[]): string {
  return reports
    .flatMap(({ name, steps, diagnostics }) => {
      if (steps.length > 0) return [`${name}:`, ...steps.map((step) => `  ${formatForeign(step)}`)];
      return diagnostics.length > 0 ? [] : [`${name}: nothing had to be done`];
    })
    .join("\n");
}

/** What is ours on each host, and what of it was removed. Ends without a line break. */
export function formatHostLeftovers(
  hosts: readonly HostLeftovers[],
  removals: readonly HostRemoval[],
): string {
  const removalOf = (host: string) => removals.find(({ name }) => name === host);
  const lines = hosts.flatMap(({ name, address, runs, images, diagnostics }) => {
    const removal = removalOf(name);
    const listed = runs.flatMap(({ run, inUse, what }) => {
      const state = inUse ? "still running, not touched" : removal?.runs.includes(run) ? "removed" : "left";
      return [
        `  run ${formatForeign(run)} (${state}):`,
        ...what.map((thing) => `    ${formatForeign(thing)}`),
      ];
    });
    const kept = images.map((image) => {
      const state = removal?.images.removed.includes(image)
        ? ": removed"
        : removal?.images.inUse.includes(image)
          ? ": in use, kept"
          : "";
      return `  image ${formatForeign(image)}${state}`;
    });
    const content = [...listed, ...kept];
    const nothing = content.length === 0 && diagnostics.length === 0 ? ["  nothing is left"] : [];
    return [`${name} ${address}:`, ...content, ...nothing];
  });
  return [...lines, ...formatDiagnostics([...hosts, ...removals])].join("\n");
}

function formatNotes(reports: readonly HostReport[]): string[] {
  const notes = reports.flatMap((report) => report.notes);
  return notes.length === 0 ? [] : ["", ...notes.map((note) => `  note: ${formatForeign(note)}`)];
}

function formatDiagnostics(reports: readonly { readonly diagnostics: readonly Diagnostic[] }[]): string[] {
  const messages = new Set(reports.flatMap(({ diagnostics }) => diagnostics.map(({ message }) => message)));
  return messages.size === 0 ? [] : ["", ...[...messages].map((message) => `  ${formatForeign(message)}`)];
}

import type { SeenNode, SeenNodes } from "../../../contracts/nodes/seen-node.ts";
import { removalCommand } from "../../../deploy/engine/ownership.ts";
import { formatForeign } from "../../../results/report/text/figures.ts";
import { formatNodeTable } from "../../../results/report/text/node-list.ts";
import { present } from "../../../results/schema/numbers.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/own-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { readMachines } from "./seen-machines.ts";
import { findUnderWay, formatUnderWay, type UnderWay, underWayJson } from "./under-way.ts";

interface Status extends SeenNodes {
  readonly underWay: readonly UnderWay[];
}

/** `status`: what runs now. Exit code 1 where a host cannot be looked at. */
export const runStatus: Command = async (request, context, backend) => {
  const { clock, signal } = context;
  const place = readOutputDir(request.given);
  const machines = readMachines(request);
  const known = [...request.diagnostics, ...place.diagnostics, ...machines.diagnostics];
  const look = async () => findUnderWay(place.outputDir, await backend.lockHolder());
  const underWay = await preflightLook(known, look, signal);
  await using opened = await machines.open(context, backend);
  const status: Status = { underWay, ...(await opened.look()) };
  signal.throwIfAborted();
  printFound(context, statusJson(status), formatStatus(status, clock.wallMs()));
  return status.diagnostics.length === 0 ? 0 : 1;
};

function formatStatus({ underWay, nodes, diagnostics }: Status, nowMs: number): string {
  const paragraphs = [
    ...underWay.map((one) => formatUnderWay(one).join("\n")),
    ...(nodes.length === 0 ? [] : [formatNodeTable(nodes, nowMs), describeRuns(nodes).join("\n")]),
    ...(diagnostics.length === 0
      ? []
      : [diagnostics.map(({ message }) => formatForeign(message)).join("\n")]),
  ];
  return paragraphs.length === 0 ? "Nothing runs here." : paragraphs.join("\n\n");
}

/** Who drives each run, or how what is left of it is removed. */
function describeRuns(nodes: readonly SeenNode[]): string[] {
  const runs = Map.groupBy(nodes, ({ run }) => run);
  return [...runs].map(([run, own]) => {
    const driver = own.find((node) => node.driver !== undefined)?.driver;
    const runtime = [...new Set(own.map((node) => node.runtime))].join(" and ");
    const isHere = own.some(({ host }) => host === undefined);
    const removal = isHere ? removalCommand(run) : `npx baleen hosts clean --hosts FILE --run ${run}`;
    const what =
      driver === undefined ? `nobody drives it; remove it with: ${removal}` : `driven by ${driver}`;
    return formatForeign(`Run ${run} (${runtime}): ${what}`);
  });
}

function statusJson({ underWay, nodes, diagnostics }: Status) {
  return {
    schema: "baleen.status/1",
    under_way: underWay.map(underWayJson),
    nodes: nodes.map(({ run, host, name, runtime, state, startedAtMs, ports, driver }) =>
      present({
        run,
        host,
        node: name,
        runtime,
        state,
        started: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
        ports,
        driver,
      }),
    ),
    faults: diagnostics,
  };
}

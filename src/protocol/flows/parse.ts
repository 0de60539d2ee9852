import { dirname, resolve } from "node:path";
import { readDescribedFile } from "../../core/documents/described-file.ts";
import { listIn, type Refuse, tableIn, textIn } from "../../core/documents/loose.ts";
import { type Path, type SchemaDiagnostic, schemaDiagnostics } from "../../core/documents/schema-issues.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { parseQuantity, payloadSize } from "../../core/quantity.ts";
import { headBytes, largestDatagramBytes } from "../../peer/host/config.ts";
import { templateDiagnostics } from "../custom/description/template.ts";
import { commandsOf, isOwnFile } from "./scenario.ts";
import { type FlowsFile, flowsFileSchema } from "./schema.ts";

/** Variables of commands and files. */
const hostVariables = ["name", "home", "address", "interfaces", "neighbours"];
const routeVariables = [...hostVariables, "to", "next", "next.interface"];
const flowVariables = [...hostVariables, "from", "to", "port", "rate", "size", "seconds"];

/** Whether a text is that of a scenario, and not of another system. */
export const isFlowsText = (text: string) => /^(flows|networks):/m.test(text);

export const isFlowsFile = (definition: unknown): definition is FlowsFile => "flows" in tableIn(definition);

export function definitionDiagnosticsOf(definition: unknown): readonly Diagnostic[] {
  return check(definition).map(({ message }) => ({ code: "protocol-file", message: `${message}.` }));
}

/** A scenario, or all that is wrong with it, each with its line. */
export function parseFlows(
  text: string,
  file: string,
): { readonly file?: FlowsFile; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readDescribedFile(text, { file, code: "protocol-file", check });
  return diagnostics.length > 0
    ? { diagnostics }
    : { file: withFolder(value as FlowsFile, file), diagnostics };
}

/** What is kept of a description names its folder if commands have paths that begin there. */
function withFolder(described: FlowsFile, file: string): FlowsFile {
  const hasPaths = Object.keys(described.networks)
    .flatMap((network) => commandsOf({ file: described, network }))
    .some((words) => words.some(isOwnFile));
  if (!hasPaths) return described;
  const { folder = ".", ...others } = described;
  return { ...others, folder: resolve(dirname(file), folder) };
}

function check(value: unknown): SchemaDiagnostic[] {
  const found: SchemaDiagnostic[] = [...schemaDiagnostics(flowsFileSchema(), value)];
  const refuse: Refuse = (path, message) => found.push({ path, message });
  checkFlows(value, refuse);
  checkNetworks(value, refuse);
  return found;
}

function checkFlows(value: unknown, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const [place, flow] of listIn(value, "flows").entries()) {
    const path = ["flows", place];
    const { name, from, to } = tableIn(flow);
    if (typeof name === "string" && seen.has(name)) refuse(path, `flows: ${name} is there twice; remove one`);
    if (typeof name === "string") seen.add(name);
    if (from === to && typeof from === "string")
      refuse([...path, "to"], `to: ${from} sends to itself; name two nodes`);
    checkFlow(tableIn(flow), path, refuse);
  }
}

type Table = ReturnType<typeof tableIn>;

/** @param flow as it goes through some network */
function checkFlow(flow: Table, path: Path, refuse: Refuse): void {
  const { kind = "udp", size, rate, reflect } = flow;
  const isProgram = kind === "program" || kind === "native";
  if (kind === "iperf3" && reflect === true)
    refuse([...path, "reflect"], "reflect: iperf3 sends nothing back; remove it");
  if (kind === "video" && rate === undefined) refuse(path, "video: needs a rate; add rate: 25/s");
  for (const end of ["send", "receive"]) {
    if (isProgram && flow[end] === undefined)
      refuse(path, `${kind}: needs ${end}; add the program that runs there, and its arguments`);
    if (!isProgram && flow[end] !== undefined)
      refuse([...path, end], `${end}: is for kind: program and kind: native; remove it`);
    checkWords(flow[end], [...path, end], { variables: flowVariables, refuse });
  }
  const parsed = parseQuantity(size, payloadSize);
  const bytes = "value" in parsed ? parsed.value : 1;
  const most = kind === "udp" ? largestDatagramBytes : kind === "video" ? 1_000_000 : 16_000_000;
  if (bytes < headBytes && size !== undefined && !isProgram) {
    const message = `size: each begins with a head of ${headBytes} bytes; give ${headBytes}B or more`;
    refuse([...path, "size"], message);
  }
  if (bytes > most)
    refuse([...path, "size"], `size: a ${String(kind)} flow sends at most ${most} bytes at once`);
}

function checkNetworks(value: unknown, refuse: Refuse): void {
  const networks = tableIn(value, "networks");
  if ("networks" in tableIn(value) && Object.keys(networks).length === 0) {
    refuse(["networks"], "networks: there is none; add babel: babel, or one of your own");
  }
  const flows = new Map(listIn(value, "flows").map((flow) => [textIn(flow, "name"), tableIn(flow)]));
  for (const [name, network] of Object.entries(networks)) {
    const path = ["networks", name];
    for (const [flow, other] of Object.entries(tableIn(network, "flows"))) {
      const own = [...path, "flows", flow];
      const usual = flows.get(flow);
      if (usual !== undefined) checkFlow({ ...usual, ...tableIn(other) }, own, refuse);
      else refuse(own, `flows: there is no flow ${flow}; name one of ${[...flows.keys()].join(", ")}`);
    }
    const variables = tableIn(network)["route-to-all"] === true ? routeVariables : hostVariables;
    for (const [place, argv] of listIn(network, "set-up").entries()) {
      checkWords(argv, [...path, "set-up", place], { variables, refuse });
    }
    const socket = textIn(tableIn(network, "view"), "bird") ?? "";
    for (const message of templateDiagnostics(socket, hostVariables))
      refuse([...path, "view", "bird"], message);
    for (const [place, daemon] of listIn(network, "daemons").entries()) {
      const own = [...path, "daemons", place];
      checkWords(tableIn(daemon).run, [...own, "run"], { variables: hostVariables, refuse });
      for (const [file] of Object.entries(tableIn(daemon, "files"))) {
        if (file.startsWith("/") || file.split("/").includes("..")) {
          refuse(
            [...own, "files", file],
            `${file}: is not within the host's folder; give a name without / at its start, and without ..`,
          );
        }
        const text = textIn(tableIn(daemon, "files"), file) ?? "";
        for (const message of templateDiagnostics(text, hostVariables))
          refuse([...own, "files", file], message);
      }
    }
  }
}

function checkWords(
  words: unknown,
  path: Path,
  { variables, refuse }: { readonly variables: readonly string[]; readonly refuse: Refuse },
): void {
  if (!Array.isArray(words)) return;
  for (const word of words) {
    if (typeof word !== "string") continue;
    for (const message of templateDiagnostics(word, variables)) refuse(path, message);
  }
}

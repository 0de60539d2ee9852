/** Whether a network on this machine gets its ports, asked before the rest: a benchmark would not start without. */
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { listPlannedNodes } from "../../deploy/nodes/planned.ts";
import { findFreeRange } from "../../deploy/nodes/ports.ts";
import { newRunId } from "../../run/prepare/backend.ts";
import { planNetwork } from "../../run/prepare/plan-network.ts";
import { chooseSystem } from "../../run/prepare/system.ts";
import { withAnswer } from "./answers.ts";
import { checkState, type WizardState } from "./ask-hosts.ts";
import { notify, reportDiagnostics, type WizardSetting } from "./setting.ts";

const host = "127.0.0.1";
/** Beyond the usual ports. */
const firstOffered = 27_000;

export async function askPorts(start: WizardState, setting: WizardSetting): Promise<WizardState> {
  for (let state = start; ; ) {
    const { taken, nodes } = await lookAtPorts(state, setting);
    if (taken.length === 0) return state;
    notify(setting.context, "Not all ports of the nodes are free:");
    reportDiagnostics(setting.context, taken);
    const moved = await findOthers(state, nodes, setting);
    const choices = [
      ...(moved === undefined ? [] : [{ value: "move", name: `Use free ports: ${moved.described}` }]),
      { value: "again", name: "Check these ports again" },
      { value: "keep", name: "Keep these ports: I will free them before the start" },
    ];
    const next = await setting.dialogue.choose("Which ports are the nodes to use?", { choices });
    if (next === "keep") return state;
    if (next === "move" && moved !== undefined) state = moved.state;
  }
}

/** The same network on ports that are free. @returns undefined where there are none, or a compose file has its own */
async function findOthers(state: WizardState, nodes: number, setting: WizardSetting) {
  const rpc = await findFreeRange(nodes, host, firstOffered);
  const metrics = rpc && (await findFreeRange(nodes, host, rpc + nodes));
  if (rpc === undefined || metrics === undefined) return undefined;
  const withRpc = withAnswer(state.answers, "rpc-base-port", [String(rpc)]);
  const next = { ...state, answers: withAnswer(withRpc, "metrics-base-port", [String(metrics)]) };
  if ((await lookAtPorts(next, setting)).taken.length > 0) return undefined;
  return { state: next, described: `RPC from ${rpc}, metrics from ${metrics}` };
}

const portCodes: ReadonlySet<string> = new Set([
  "port-taken",
  "port-conflict",
  "port-address",
  "contradiction",
]);

/** What the check of a benchmark would say of the ports; whatever else is wrong shows later. */
async function lookAtPorts(
  state: WizardState,
  setting: WizardSetting,
): Promise<{ readonly taken: readonly Diagnostic[]; readonly nodes: number }> {
  const { backend, context } = setting;
  const { signal } = context;
  const { request, parameters } = checkState(state, setting);
  const local = parameters.find(({ networkType }) => networkType === "local");
  const { protocol } = chooseSystem(request.given, backend);
  if (local === undefined || protocol === undefined) return { taken: [], nodes: 0 };
  context.terminal.show(["Checking the ports of the nodes ..."]);
  try {
    const plan = planNetwork(protocol, local, backend.findProgram);
    const occasion = { run: newRunId(), warn: () => {} };
    const { deployer } = await backend.chooseDeployer(local, occasion, signal);
    const found = (await deployer?.check(plan, signal)) ?? [];
    return { taken: found.filter(({ code }) => portCodes.has(code)), nodes: listPlannedNodes(plan).length };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ConfigurationError)) throw error;
    return { taken: [], nodes: 0 };
  } finally {
    context.terminal.show([]);
  }
}

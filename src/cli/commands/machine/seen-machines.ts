import type { SeenMachines } from "../../../contracts/nodes/seen-node.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import { type CommandContext, type CommandRequest, openSteps } from "../../terminal/context.ts";

type NodeSources = Pick<CommandBackend, "listNodes" | "hosts">;

/** Hosts count where `--hosts` names them: nobody waits for some that a variable happens to describe. */
export function readMachines({ given, hosts, diagnostics }: CommandRequest) {
  const checked = given.hosts && checkRemote(given, hosts);
  diagnostics.push(...(checked?.diagnostics ?? []));
  return async (context: CommandContext, backend: NodeSources): Promise<SeenMachines> => {
    const { signal } = context;
    const away =
      checked && (await backend.hosts.openNodes(checked.remote, { signal, onStep: openSteps(context) }));
    return {
      look: async () => {
        const [nodes, far] = await Promise.all([backend.listNodes(signal), away?.look()]);
        return { nodes: [...nodes, ...(far?.nodes ?? [])], diagnostics: far?.diagnostics ?? [] };
      },
      [Symbol.asyncDispose]: async () => await away?.[Symbol.asyncDispose](),
    };
  };
}

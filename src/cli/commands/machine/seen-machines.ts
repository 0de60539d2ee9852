import type { SeenMachines } from "../../../contracts/nodes/seen-node.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import { type CommandContext, type CommandRequest, openSteps } from "../../terminal/context.ts";

type NodeSources = Pick<CommandBackend, "listNodes" | "hosts">;

export interface AskedMachines {
  readonly diagnostics: readonly Diagnostic[];
  readonly open: (context: CommandContext, backend: NodeSources) => Promise<SeenMachines>;
}

/** Hosts count where `--hosts` names them: nobody waits for some that a variable happens to describe. */
export function readMachines({ given, hosts }: CommandRequest): AskedMachines {
  const { remote, diagnostics } =
    given.hosts === undefined ? { remote: undefined, diagnostics: [] } : checkRemote(given, hosts);
  return {
    diagnostics,
    open: async (context, backend) => {
      const { signal } = context;
      const away = remote && (await backend.hosts.openNodes(remote, { signal, onStep: openSteps(context) }));
      return {
        look: async () => {
          const [nodes, far] = await Promise.all([backend.listNodes(signal), away?.look()]);
          return { nodes: [...nodes, ...(far?.nodes ?? [])], diagnostics: far?.diagnostics ?? [] };
        },
        [Symbol.asyncDispose]: async () => await away?.[Symbol.asyncDispose](),
      };
    },
  };
}

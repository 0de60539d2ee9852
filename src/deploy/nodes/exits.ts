import type { Network, NodeExit } from "../../contracts/deployment.ts";

/** The nodes of a network that ended without being asked to. */
export type Exits = ReturnType<typeof openExits>;

/** Tells every exit to every listener, also those from before anybody listened. */
export function openExits() {
  const reported: NodeExit[] = [];
  const listeners = new Set<(exit: NodeExit) => void>();
  const notify = (exit: NodeExit): void => {
    reported.push(exit);
    for (const listener of [...listeners]) listener(exit);
  };
  const listen: Network["onExit"] = (listener) => {
    for (const exit of reported) listener(exit);
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { notify, listen };
}

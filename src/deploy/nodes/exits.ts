import type { Network, NodeExit } from "../../contracts/deployment.ts";

/** The nodes of a network that ended without being asked to. */
export interface Exits {
  readonly notify: (exit: NodeExit) => void;
  readonly listen: Network["onExit"];
}

/** Tells every exit to every listener, also those from before anybody listened. */
export function openExits(): Exits {
  const reported: NodeExit[] = [];
  const listeners = new Set<(exit: NodeExit) => void>();
  return {
    notify: (exit) => {
      reported.push(exit);
      for (const listener of [...listeners]) listener(exit);
    },
    listen: (listener) => {
      for (const exit of reported) listener(exit);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

import type { EventBody } from "../../contracts/events.ts";

/** How a node is, as far as events tell. "out of sight": nobody sees its commits. */
export type NodeHealth = "starting" | "up" | "paused" | "crashed" | "coming back" | "out of sight" | "ended";

/** How a node is after an event. Pure. @param now how it was before */
export function healthAfter(event: EventBody, node: string, now: NodeHealth): NodeHealth {
  if (event.type === "run-ready") return "up";
  if (event.type === "network-step") return event.readyNode === node ? "up" : now;
  if (!("node" in event) || event.node !== node) return now;
  switch (event.type) {
    case "node-exited":
      return "ended";
    case "observer-lost":
      return event.expected === true ? now : "out of sight";
    case "observer-restored":
      return now === "out of sight" ? "up" : now;
    case "fault":
      return healthAfterFault(event, now);
    default:
      return now;
  }
}

function healthAfterFault(
  { action, stage }: Extract<EventBody, { readonly type: "fault" }>,
  now: NodeHealth,
): NodeHealth {
  if (stage === "failed") return now;
  if (action === "crash") return "crashed";
  if (action === "pause") return "paused";
  return stage === "issued" ? "coming back" : "up";
}

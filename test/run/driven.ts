/** Clients driven as a run drives them, on scripted nodes. */

import type { EventBody } from "../../src/contracts/events.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import { driveClients } from "../../src/run/clients/clients.ts";
import { nameProtocol, placeLocally } from "../../src/run/clients/local-placement.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";

export interface Drive {
  readonly clients: number;
  /** Default: the stand-ins', which other processes can load. */
  readonly protocol?: Protocol;
  readonly signal?: AbortSignal;
  /** Environment of the clients' process; default: this one's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProcess?: (pid: number) => void;
  readonly onEvent?: (body: EventBody, source: string | undefined) => void;
}

export const standIn = buildStandInProtocol({ replyDelayMs: 0, commit: { kind: "after", ms: 0 } });

export async function drive(plan: ClientPlan, options: Drive) {
  const { clients, protocol = standIn, signal = new AbortController().signal } = options;
  const events: { readonly body: EventBody; readonly source: string | undefined }[] = [];
  const placement = placeLocally({
    network: {
      nodes: plan.targets.map(({ node }) => ({ name: node })),
      endpoint: (target) => {
        const found = plan.targets.find(({ node }) => node === target);
        if (found === undefined) throw new Error(`There is no ${target}.`);
        return found.rpc;
      },
    },
    protocol,
    clients,
    runtime: { nodeBinary: process.execPath, env: options.env ?? process.env },
    clock: systemClock,
    onProcess: (pid) => options.onProcess?.(pid),
  });
  const outcome = await driveClients({
    placements: [placement],
    protocol: nameProtocol(protocol),
    plan,
    clock: systemClock,
    signal,
    emit: (body, source) => {
      events.push({ body, source });
      options.onEvent?.(body, source);
    },
  });
  return { ...outcome, events };
}

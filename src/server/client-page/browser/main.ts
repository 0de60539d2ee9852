/** Runs the peer that the page's address asks for, and shows how it goes. */
import type { BuiltInRoutine } from "../../../contracts/peer-tests/routines.ts";
import { Connections } from "./connections.ts";
import type { PeerLibrary } from "./libraries/peer-library.ts";
import { parseParameters } from "./parameters.ts";
import { createRoutine as createComms } from "./routines/comms.ts";
import { createRoutine as createListen } from "./routines/listen.ts";
import type { CreateRoutine } from "./routines/routine.ts";
import { createRoutine as createWalk } from "./routines/walk.ts";
import { type Progress, runTestPeer } from "./test-peer.ts";

/** What is bundled with the page. */
export interface PageParts {
  readonly library: PeerLibrary;
  /** By their names; they come before those of the page. */
  readonly routines: Readonly<Record<string, CreateRoutine>>;
}

/** Programs that drive the page read its attributes. */
const root = document.documentElement;

const ownRoutines: Readonly<Record<BuiltInRoutine, CreateRoutine>> = {
  comms: createComms,
  walk: createWalk,
  listen: createListen,
};

const figures: readonly (readonly [name: string, title: string])[] = [
  ["elapsedMs", "Elapsed, ms"],
  ["tickRatePerSec", "Ticks per second"],
  ["timerLatenessMaxMs", "Longest wait of a timer, ms"],
  ["knownPeersCount", "Known peers"],
  ["sentTotal", "Packets sent"],
  ["receivedTotal", "Packets received"],
  ["relayedTotal", "Packets relayed"],
  ["deliveredMessages", "Messages that arrived"],
  ["repeatedMessages", "Further copies of them"],
  ["deliveryMeanMs", "Mean time to arrive, ms"],
  ["webrtcRoundTripMs", "Round trip, ms"],
  ["failedSubmissions", "Reports that the results server did not take"],
];

export async function start({ library, routines }: PageParts): Promise<void> {
  try {
    const parameters = parseParameters(new URLSearchParams(location.search));
    const known: Readonly<Record<string, CreateRoutine>> = { ...ownRoutines, ...routines };
    const createRoutine = Object.hasOwn(known, parameters.routine) ? known[parameters.routine] : undefined;
    if (createRoutine === undefined) {
      throw new Error(`routine: expected one of ${Object.keys(known).join(", ")}`);
    }
    await runTestPeer(parameters, {
      library,
      createRoutine,
      connections: new Connections(),
      onProgress: show,
      onConnected: (count) => {
        root.dataset.connected = String(count);
      },
    });
  } catch (error) {
    setState("failed", error instanceof Error ? error.message : String(error));
  }
}

function setState(state: Progress["stage"] | "failed", text: string): void {
  root.dataset.state = state;
  place("state").textContent = text;
}

const stages: Readonly<Record<Progress["stage"], string>> = {
  connecting: "Connecting to the lighthouse …",
  waiting: "Waiting until the test is started …",
  running: "Running",
  ended: "The test has ended",
};

function show({ stage, peerId, metrics = {}, extra = {} }: Progress): void {
  setState(stage, stages[stage]);
  root.dataset.peerId = peerId;
  place("peer").textContent = peerId;
  const values: Readonly<Record<string, unknown>> = { ...metrics, ...extra };
  const rows = figures.map(([name, title]) => {
    const row = document.createElement("tr");
    const [head, cell] = [document.createElement("th"), document.createElement("td")];
    head.textContent = title;
    head.scope = "row";
    cell.dataset.figure = name;
    const value = values[name];
    cell.textContent = typeof value === "number" ? String(Math.round(10 * value) / 10) : "";
    row.append(head, cell);
    return row;
  });
  place("figures").replaceChildren(...rows);
  const connected = metrics.connectedPeers;
  place("connected").textContent = Array.isArray(connected) ? connected.join("\n") : "";
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`#${id} is missing`);
  return found;
}

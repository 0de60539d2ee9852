/** Hosts of a network under test: what is known of each, of their daemons, and of the dumps that they made. */
import { type Of, record } from "../../../core/documents/form.ts";
import { amount, choice, count, measured, text } from "../../../core/documents/form-values.ts";

export const flowHostForm = record("One host.", {
  name: text("Name of the node."),
  clockOffsetMs: measured(
    "Its clock minus the coordinator's, milliseconds; 0 if it is the same machine's clock; omitted if it does not tell the time.",
  ).optional(),
  clockErrorMs: amount("Largest error of the offset, milliseconds.").optional(),
  starts: count("How often its program began before the end of the observation."),
  views: count("Changes of the network's view that it told."),
  malformed: count("Events that could not be read."),
  gap: text("Why not all of its events are here; omitted if they are.").optional(),
});

export interface FlowHost extends Of<typeof flowHostForm> {}

export const interfaceForm = record("What the kernel counted at an interface in the window.", {
  host: text("Name of the host."),
  name: text("Name of the interface: link1 leads to the node at place 1."),
  receivedBytes: count("Bytes received, with their heads."),
  receivedPackets: count("Packets received."),
  sentBytes: count("Bytes sent, with their heads."),
  sentPackets: count("Packets sent."),
});

export interface InterfaceTraffic extends Of<typeof interfaceForm> {}

export const daemonForm = record(
  "A daemon of the network under test, or a program of a flow, began or ended.",
  {
    host: text("Name of the host."),
    daemon: text("Name of the daemon; of a program, its flow and its end."),
    flow: text("The flow whose program it is; omitted for a daemon.").optional(),
    atSecs: measured("Since the start of the window, seconds."),
    state: choice("What happened.", ["started", "ended"]),
    why: text("How it ended: exit code 1, SIGKILL; omitted if not told.").optional(),
  },
);

export interface DaemonChange extends Of<typeof daemonForm> {}

export const captureForm = record("Packets of one interface, in the bundle.", {
  file: text("Name of the file."),
  host: text("Name of the host."),
  interface: text("Name of the interface."),
  bytes: count("Size of the file."),
  gap: text("Why it is not there, or not whole; omitted if it is.").optional(),
});

export interface Capture extends Of<typeof captureForm> {}

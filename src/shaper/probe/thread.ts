/** The thread that probes links: the namespaces it enters are its own. */
import { setPriority } from "node:os";
import { systemClock } from "../../core/clock.ts";
import { serveCalls } from "../calls.ts";
import { openLibc } from "../kernel/libc.ts";
import { leaveRealTime, takeRealTime } from "../kernel/real-time.ts";
import { probeOperations } from "./operations.ts";

const libc = openLibc();
/** Behind that of the thread that shapes. */
const priority = 1;
/** Of this thread alone, where the other is not to be had. */
const niceness = -15;

/** Stamps are late where the thread must wait for a core. But streams of TCP would leave no core to others. */
function setStreams(streams: number): void {
  if (streams > 0) leaveRealTime(libc);
  else takeRealTime(libc, priority);
}

try {
  setPriority(0, niceness);
} catch {}
setStreams(0);
serveCalls(probeOperations(libc, systemClock, setStreams));

/** The thread that shapes: nothing else runs in it. Its priority, and the namespaces it enters, are its own. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { fixedBuffer, openLibc } from "../kernel/libc.ts";
import { datagramSocket, internetFamily, socketLevel } from "../kernel/numbers.ts";
import { takeRealTime } from "../kernel/real-time.ts";
import { ShaperLoop } from "./loop.ts";
import type { ThreadData, ThreadMessage } from "./thread-messages.ts";

const setTimerSlack = 29;
const timestampOption = 29;
/** Before probes. */
const priority = 2;

const { settings, commands } = workerData as ThreadData;
const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

const libc = openLibc();
/** The kernel stamps packets on arrival as long as any socket of the machine wants it; this one never reads any. */
const stamping = libc.check(libc.socket(internetFamily, datagramSocket, 0), "open a socket");
const one = fixedBuffer(4);
one.writeUInt32LE(1);
libc.setsockopt(stamping, socketLevel, timestampOption, one, 4);

const loop = new ShaperLoop({ libc, settings, clock: systemClock, commands, tell });
libc.prctl(setTimerSlack, 1, 0, 0, 0);
tell({ type: "open", wakeDescriptor: loop.wakeDescriptor, realTime: takeRealTime(libc, priority) });
loop.run();
libc.close(stamping);
tell({ type: "closed" });

/** The thread that probes links: the namespaces it enters are its own. */
import { setPriority } from "node:os";
import { systemClock } from "../../core/clock.ts";
import { serveCalls } from "../calls.ts";
import { openLibc } from "../kernel/libc.ts";
import { probeOperations } from "./operations.ts";

/** Of this thread alone: its stamps are late where it must wait for a core. */
const priority = -15;
try {
  setPriority(0, priority);
} catch {}
serveCalls(probeOperations(openLibc(), systemClock));

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../../src/core/clock.ts";
import type { PacingMode } from "../../../src/load/plan/client-plan.ts";
import { measureTurns } from "./turns.ts";

const { mode, everyMs } = workerData as { mode: PacingMode; everyMs: number };
parentPort?.postMessage(await measureTurns({ mode, everyMs, clock: systemClock }));

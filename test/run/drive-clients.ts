// Drives clients at the targets that are given, and says in which process they are once the window has begun.
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import { planFor } from "../load/setting.ts";
import { drive } from "./driven.ts";

let pid = 0;
const targets = JSON.parse(process.argv[2] ?? "[]") as ClientPlan["targets"];
await drive(planFor(targets, { windowMs: 60_000, windowTransactions: 12_000 }), {
  clients: 2,
  onProcess: (id) => {
    pid = id;
  },
  onEvent: (body) => {
    if (body.type === "load-phase" && body.phase === "window") process.stdout.write(`window of ${pid}\n`);
  },
});

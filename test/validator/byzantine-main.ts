/** Entry of a faulty validator's process, for tests alone: `byzantine-main.ts --home DIR --behaviour NAME`. */
import { parseArgs } from "node:util";
import { behaviours } from "./behaviours.ts";

const { values } = parseArgs({ options: { home: { type: "string" }, behaviour: { type: "string" } } });
const behaviour = behaviours[values.behaviour ?? ""];
if (values.home === undefined || behaviour === undefined) {
  throw new Error(`say --home DIR and --behaviour, one of: ${Object.keys(behaviours).join(", ")}`);
}
await behaviour({ folder: values.home });

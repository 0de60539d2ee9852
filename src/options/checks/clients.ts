import type { SweepParameters } from "../../contracts/parameters.ts";
import { clientUnit } from "../../load/level/client-count.ts";
import { knownLoadsTps } from "../../load/level/phases.ts";
import { formatCount } from "../rules/rule.ts";
import type { ParameterReader } from "./given.ts";

/** What clients share goes round: the in-flight cap and the queue over clients and nodes, or what is in flight. */
export function checkClients(parameters: SweepParameters, { given, refuse }: ParameterReader): void {
  const unit = clientUnit(parameters);
  if (unit === undefined) return;
  const { clients: asked, profile } = parameters;
  const clients = Math.ceil((asked === "auto" ? 1 : asked) / unit.clients) * unit.clients;
  const who = clients === 1 ? "1 client" : `${formatCount(clients)} clients`;
  const fewer = clients > unit.clients ? ", or fewer clients" : "";
  if (profile.kind === "closed") {
    // Who says how many are in flight: the profile by its text, or the loads of a program.
    const name = typeof given.profile?.value === "string" ? "profile" : "loads";
    for (const inFlight of new Set(knownLoadsTps(parameters))) {
      const subject = `${inFlight} in flight in a closed loop`;
      if (!Number.isSafeInteger(inFlight)) {
        refuse(name, `${subject} is not a whole number. Use a whole number.`);
      } else if (inFlight < clients) {
        const remedy = `Use at least ${formatCount(clients)}${fewer}.`;
        refuse(name, `${subject} cannot be divided among ${who}. ${remedy}`);
      }
    }
    return;
  }
  const places = clients * unit.targets;
  const nodes = unit.targets === 1 ? "1 node" : `${unit.targets} nodes`;
  for (const name of ["maxInFlight", "queueLimit"] as const) {
    const what = { maxInFlight: "requests in flight", queueLimit: "places in the queue" }[name];
    if (parameters[name] >= places) continue;
    const why = `${formatCount(parameters[name])} ${what} cannot be divided among ${who} with ${nodes} each. Use at least ${formatCount(places)}${fewer}.`;
    refuse(name, why);
  }
}

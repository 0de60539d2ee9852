import type { EventRelay } from "../../contracts/results/relay.ts";
import { hideFromTraces } from "../../core/trace.ts";
import type { Check } from "../../run/prepare/preflight.ts";
import { checkInflux } from "../../server/export/influx/client.ts";
import { InfluxRelay } from "../../server/export/influx/relay.ts";
import { type InfluxTarget, parseInfluxTarget } from "../../server/export/influx/target.ts";
import { type GivenReader, readOwn } from "../options/command-options.ts";
import type { CommandContext } from "./context.ts";

/** The database that a command was given. */
export interface AskedInflux {
  readonly target: InfluxTarget;
  /** Whether it takes points. */
  readonly check: Check;
  /** For one sweep. */
  readonly openRelay: () => EventRelay;
}

/** Reads --influx and its token; the request's diagnostics take what is wrong with them. */
export function openInflux(
  request: GivenReader,
  { env }: Pick<CommandContext, "env">,
): AskedInflux | undefined {
  const { influx: url } = readOwn(request, { influx: undefined });
  if (url === undefined) return undefined;
  const token = env.BALEEN_INFLUX_TOKEN === "" ? undefined : env.BALEEN_INFLUX_TOKEN;
  if (token !== undefined) hideFromTraces(token);
  const parsed = parseInfluxTarget(url, token);
  if ("problem" in parsed) {
    const message = `${request.given.influx?.name}: ${parsed.problem}.`;
    request.diagnostics.push({ code: "influx", message });
    return undefined;
  }
  const { target } = parsed;
  return {
    target,
    check: (signal) => checkInflux(target, signal),
    openRelay: () => new InfluxRelay(target),
  };
}

import { hideFromTraces } from "../../core/trace.ts";
import { checkInflux } from "../../server/export/influx/client.ts";
import { InfluxRelay } from "../../server/export/influx/relay.ts";
import { parseInfluxTarget } from "../../server/export/influx/target.ts";
import { type GivenReader, readOwn } from "../options/command-options.ts";
import type { AskedInflux } from "./beside.ts";
import type { CommandContext } from "./context.ts";

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

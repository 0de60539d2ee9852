import { hideFromTraces } from "../../core/trace.ts";
import { checkInflux } from "../../server/export/influx/client.ts";
import { InfluxRelay } from "../../server/export/influx/relay.ts";
import { type InfluxTarget, parseInfluxTarget, withTestDatabase } from "../../server/export/influx/target.ts";
import { type GivenReader, readOwn } from "../options/command-options.ts";
import type { AskedInflux } from "./beside.ts";
import type { CommandContext } from "./context.ts";

/** Reads --influx and its token; the request's diagnostics take what is wrong with them. */
export function openInflux(
  request: GivenReader,
  context: Pick<CommandContext, "env">,
): AskedInflux | undefined {
  const { influx: url } = readOwn(request, { influx: undefined });
  const target = url === undefined ? undefined : readTarget(request, context, { option: "influx", url });
  if (target === undefined) return undefined;
  return {
    target,
    check: (signal) => checkInflux(target, signal),
    openRelay: () => new InfluxRelay(target),
  };
}

/** The same of --stats-server-url. It need not be there yet: points wait for it. */
export function openStatsServer(
  request: GivenReader,
  context: Pick<CommandContext, "env">,
): InfluxTarget | undefined {
  const { statsServerUrl: given } = readOwn(request, { statsServerUrl: undefined });
  if (given === undefined) return undefined;
  return readTarget(request, context, { option: "statsServerUrl", url: withTestDatabase(given) });
}

function readTarget(
  { given, diagnostics }: GivenReader,
  { env }: Pick<CommandContext, "env">,
  { option, url }: { readonly option: string; readonly url: string },
): InfluxTarget | undefined {
  const token = env.BALEEN_INFLUX_TOKEN === "" ? undefined : env.BALEEN_INFLUX_TOKEN;
  if (token !== undefined) hideFromTraces(token);
  const parsed = parseInfluxTarget(url, token);
  if ("target" in parsed) return parsed.target;
  diagnostics.push({ code: "influx", message: `${given[option]?.name}: ${parsed.problem}.` });
  return undefined;
}

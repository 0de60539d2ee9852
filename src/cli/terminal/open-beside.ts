import { readOwn } from "../options/command-options.ts";
import type { Beside } from "./beside.ts";
import type { CommandContext, CommandRequest } from "./context.ts";

/** What goes on beside a command, if it is asked for; it is loaded only then. Nothing of it has started yet. */
export async function openBeside(
  request: CommandRequest,
  context: CommandContext,
): Promise<AsyncDisposable & { readonly services: Beside }> {
  const { dashboard: pages, monitoring: isMonitored } = readOwn(request, {
    dashboard: false,
    monitoring: false,
  });
  const scope = new AsyncDisposableStack();
  const asked = isMonitored && pages === false ? true : pages;
  const dashboard =
    asked === false ? undefined : (await import("./dashboard.ts")).openDashboard(asked, context);
  const monitoring = isMonitored ? (await import("./monitoring.ts")).openMonitoring(context) : undefined;
  const influx =
    request.given.influx === undefined
      ? undefined
      : (await import("./influx.ts")).openInflux(request, context);
  scope.use(dashboard);
  scope.use(monitoring);
  return {
    services: { dashboard, monitoring, influx },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** The kernel's routes, as those of a network that sets them once. */
import type { ViewedRoute } from "../../../contracts/load/flow-events.ts";
import { delay } from "../../../core/async.ts";
import { describeError } from "../../../core/errors.ts";
import { runCommand } from "../children.ts";
import type { ViewSetting } from "./view.ts";

const everyMs = 500;

/** @param json what `ip -json route show` prints */
export function readRoutes(json: string, { interfaces, hosts }: Pick<ViewSetting, "interfaces" | "hosts">) {
  const byAddress = new Map(Object.entries(hosts).map(([name, address]) => [address, name]));
  const all = JSON.parse(json) as readonly { readonly dst?: unknown; readonly dev?: unknown }[];
  return all.flatMap(({ dst, dev }): ViewedRoute[] => {
    const to = byAddress.get(String(dst).replace(/\/32$/, ""));
    const via = interfaces[String(dev)]?.peer;
    return to === undefined || via === undefined ? [] : [{ to, via, installed: true }];
  });
}

/** Looks at them twice a second. Resolves when the signal aborts. */
export async function watchRoutes(setting: ViewSetting): Promise<void> {
  const { onView, log, signal } = setting;
  while (!signal.aborted) {
    try {
      const json = await runCommand(["ip", "-json", "route", "show"]);
      onView({ routes: readRoutes(json, setting), links: [] });
    } catch (error) {
      log(describeError(error));
    }
    await delay(everyMs, signal).catch(() => {}); // the loop looks at it
  }
}

import { dirname, relative, resolve } from "node:path";
import type { Environment } from "../../core/process/environment.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";
import { ManualLinks } from "../../run/faults/manual-links.ts";
import type { LinksChange } from "../../server/dashboard/child.ts";
import { usualDashboardPort } from "../options/dashboard.ts";
import type { Dashboard } from "./beside.ts";
import { processFacts } from "./command-backend.ts";
import type { Terminal } from "./terminal.ts";

/** @param asked false: none; a number: on that port */
export function openDashboard(
  asked: boolean | number,
  {
    terminal,
    env,
    version,
  }: { readonly terminal: Terminal; readonly env: Environment; readonly version: string },
): Dashboard | undefined {
  if (asked === false) return undefined;
  const port = asked === true ? undefined : asked;
  const scope = new AsyncDisposableStack();
  const manual = new ManualLinks();
  let started: Promise<{ readonly url: string; readonly key: string; readonly folder: string }> | undefined;
  const start = async (folder: string) => {
    const { startDashboard } = await import("../../server/dashboard/child.ts");
    const task = { outputDir: folder, version, port, usualPort: usualDashboardPort };
    const onChange = (change: LinksChange) => manual.change(change.folder, change.entry);
    const { url, key } = scope.use(await startDashboard(task, { ...processFacts(env), onChange }));
    return { url, key, folder };
  };
  return {
    open: async (bundle, outputDir) => {
      // An earlier sweep that is resumed may be in any folder.
      const isInside = !relative(resolve(outputDir), bundle).startsWith("..");
      started ??= start(isInside ? resolve(outputDir) : dirname(bundle));
      const { url, key, folder } = await started;
      const page = new URL(`run?${new URLSearchParams({ bundle: relative(folder, bundle) })}`, url);
      // Whoever has this address may change links. A browser sends no part of it behind the sign.
      page.hash = new URLSearchParams({ key }).toString();
      terminal.note(`Dashboard: ${formatForeign(page.href)}`);
      return url;
    },
    manual,
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

import type { HostReport } from "../../contracts/hosts/host-report.ts";
import type { RemoteParameters } from "../../contracts/parameters.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";
import type { UnknownHostKey } from "../../deploy/ssh/keys/host-key.ts";
import { openSteps } from "../terminal/context.ts";
import { notify, reportDiagnostics, type WizardSetting } from "./setting.ts";

/**
 * Connects to hosts and tells what is there. A key that no file knows is shown; only a yes lets it be taken and
 * remembered.
 * @returns what keeps nodes from running there
 */
export async function lookAtHosts(
  remote: RemoteParameters,
  setting: WizardSetting,
): Promise<readonly Diagnostic[]> {
  const { context } = setting;
  try {
    const reports = await checkAskingForKeys(remote, setting);
    for (const report of reports) reportReport(report, setting);
    return reports.flatMap(({ diagnostics }) => diagnostics);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    reportDiagnostics(context, error.diagnostics);
    return error.diagnostics;
  }
}

async function checkAskingForKeys(
  remote: RemoteParameters,
  { dialogue, context, backend }: WizardSetting,
): Promise<readonly HostReport[]> {
  const { terminal, signal } = context;
  const verdicts = new Map<string, boolean>();
  for (;;) {
    const unknown = new Map<string, UnknownHostKey>();
    const approveHostKey = (key: UnknownHostKey) => {
      const shown = Object.values(key).join(" ");
      if (!verdicts.has(shown)) unknown.set(shown, key);
      return verdicts.get(shown) ?? false;
    };
    terminal.show(["Connecting over SSH ..."]);
    const reports = await backend.hosts
      .check(remote, { signal, onStep: openSteps(context), approveHostKey })
      .finally(() => terminal.show([]));
    signal.throwIfAborted();
    for (const [shown, key] of unknown) {
      notify(context, `The key of ${key.host} is unknown:`);
      notify(context, `  ${key.type} ${key.fingerprint}`);
      notify(
        context,
        "Compare it with the output of this command on the host: ssh-keygen -lf /etc/ssh/ssh_host_….pub",
      );
      verdicts.set(shown, await dialogue.confirm("Accept and save it?", false));
    }
    if (![...unknown.keys()].some((shown) => verdicts.get(shown))) return reports;
  }
}

function reportReport(
  { name, address, facts, diagnostics, notes }: HostReport,
  { context }: WizardSetting,
): void {
  const isReady = diagnostics.length === 0;
  notify(context, `${name} (${address}): ${isReady ? "ready" : "not ready"}`);
  const reported = facts.map(([fact, value]) => `${fact}: ${formatForeign(value)}`);
  if (reported.length > 0) notify(context, `  ${reported.join(", ")}`);
  for (const note of notes) notify(context, `  note: ${formatForeign(note)}`);
  reportDiagnostics(
    context,
    diagnostics.map(({ code, message }) => ({ code, message: formatForeign(message) })),
  );
}

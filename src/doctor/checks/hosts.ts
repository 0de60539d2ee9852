import type { HostReport } from "../../contracts/hosts/host-report.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Diagnosis, Finding } from "./diagnosis.ts";

/**
 * What `hosts check` tells of a host, as a diagnosis.
 *
 * @param acceptsNew a run would note the key of a host that was never seen; looking must not
 */
export function judgeHost(
  { name, address, facts, diagnostics, notes }: HostReport,
  acceptsNew: boolean,
): Diagnosis {
  const isHarmless = ({ code }: Diagnostic) => acceptsNew && code === "host-key-unknown";
  const reported = facts.map(([fact, value]) => `${fact} ${value}`);
  return {
    name: `Host ${name}`,
    summary: [address, ...reported].join(", "),
    findings: [
      ...diagnostics.map(
        (diagnostic): Finding => ({ ...diagnostic, severity: isHarmless(diagnostic) ? "warning" : "fault" }),
      ),
      ...notes.map((message): Finding => ({ severity: "warning", code: "host-note", message })),
    ],
  };
}

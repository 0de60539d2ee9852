import { parseYaml } from "../../../core/documents/yaml.ts";
import { BaleenError } from "../../../core/errors.ts";

/** What a file can be. A text that nobody could make sense of counts as a file of options: there it is told why. */
export type FileKind = "options" | "hosts" | "phases" | "trace" | "protocol";

const hostsKeys: ReadonlySet<string> = new Set([
  "hosts",
  "clients",
  "ssh_timeout",
  "known_hosts",
  "sshTimeout",
  "knownHosts",
]);
const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*=/;

/** Recognizes what a file describes, by its name and by what stands in it. Pure. */
export function recognizeKind(path: string, text: string): FileKind {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== "" && !line.trim().startsWith("#")) ?? "";
  if (/\.env$/i.test(path) || assignment.test(first)) return "hosts";
  if (/\.csv$/i.test(path) || /^\ufeff?\s*second\s*,\s*level\s*$/i.test(first)) return "trace";
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (error) {
    if (error instanceof BaleenError) return "options";
    throw error;
  }
  if (Array.isArray(content)) return content.some(isPhase) ? "phases" : "options";
  if (typeof content !== "object" || content === null) return "options";
  const keys = Object.keys(content);
  if (keys.includes("transaction") || (keys.includes("nodes") && keys.includes("health"))) return "protocol";
  if (keys.length === 1 && keys[0] === "phases") return "phases";
  const isHosts = "hosts" in content && Array.isArray(content.hosts);
  return isHosts && keys.every((key) => hostsKeys.has(key)) ? "hosts" : "options";
}

const isPhase = (item: unknown) =>
  typeof item === "object" && item !== null && ("share" in item || "duration" in item || "level" in item);

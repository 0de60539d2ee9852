import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import {
  type ShapeChange,
  type ShapedDirection,
  type ShaperConfiguration,
  shaperConfigurationForm,
} from "../contracts/links/shaper.ts";
import { readForm } from "../core/documents/check-form.ts";
import { ConfigurationError, describeError } from "../core/errors.ts";

/** @throws ConfigurationError with everything that is wrong */
export async function readConfiguration(path: string): Promise<ShaperConfiguration> {
  let configuration: ShaperConfiguration;
  try {
    configuration = readForm(shaperConfigurationForm, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw refusal([`${path}: ${describeError(cause)}`], cause);
  }
  const found = configurationDiagnostics(configuration);
  if (found.length > 0) throw refusal(found.map((message) => `${path}: ${message}`));
  return configuration;
}

const refusal = (messages: readonly string[], cause?: unknown) =>
  new ConfigurationError(
    messages.map((message) => ({ code: "shaper", message }) as const),
    { cause },
  );

/** What the forms cannot say: a sentence each. */
export function configurationDiagnostics({ targets }: ShaperConfiguration): string[] {
  const found: string[] = [];
  const [names, queues] = [new Set<string>(), new Set<string>()];
  for (const { name, namespacePath, queue, sources } of targets) {
    if (names.has(name)) found.push(`Target ${name} stands twice. Give each target a name of its own.`);
    const place = `${namespacePath} queue ${queue}`;
    if (queues.has(place))
      found.push(`Target ${name} uses ${place}, as another does. Give it another queue.`);
    names.add(name);
    queues.add(place);
    for (const [source, shape] of Object.entries(sources)) {
      found.push(...sourceDiagnostics(source, shape).map((message) => `Target ${name}, ${message}`));
    }
  }
  return found;
}

/** The same for new shapes. */
export const changeDiagnostics = (
  changes: readonly ShapeChange[],
  { targets }: ShaperConfiguration,
): string[] =>
  changes.flatMap(({ target, source, shape }) => {
    const found = targets.find(({ name }) => name === target);
    if (found === undefined) return [`There is no target ${target}.`];
    const known =
      source in found.sources ? [] : [`source ${source}: not in the configuration. Add it there.`];
    return [...known, ...sourceDiagnostics(source, shape)].map((message) => `Target ${target}, ${message}`);
  });

function sourceDiagnostics(source: string, shape: ShapedDirection): string[] {
  const { distribution = "none", jitterMs = 0, rateBps, queueMs, queueBytes } = shape;
  const found: string[] = [];
  if (!isIPv4(source)) found.push("not an IPv4 address. Give one such as 10.0.0.1.");
  if (jitterMs > 0 !== (distribution !== "none")) {
    found.push("jitter and its distribution need each other. Give both or neither.");
  }
  if (rateBps === undefined && (queueMs ?? queueBytes) !== undefined) {
    found.push("a queue needs a rate. Give the rate too.");
  }
  if (queueMs !== undefined && queueBytes !== undefined) {
    found.push("the queue has a limit in ms and one in bytes. Give one of them.");
  }
  return found.map((message) => `source ${source}: ${message}`);
}

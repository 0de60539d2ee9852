import { readdir } from "node:fs/promises";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Variation } from "../../contracts/results/variation.ts";
import { camelCase, snakeCase } from "../../core/keys.ts";
import { optionOfFlag } from "../../options/checks/protocol-options.ts";
import { ofProtocol } from "../../options/checks/vary.ts";
import { resourcePictures, variationName } from "../bundle/parts.ts";
import { pageName } from "../bundle/writer.ts";
import { buildParametersJson, keyOfOption } from "../schema/parameters.ts";
import type { Findings } from "./contents/findings.ts";
import type { VerifiedBundle } from "./verify-bundle.ts";

/** Names of what is in a folder; told are those that do not belong there. */
export async function checkNames(
  folder: string,
  known: readonly string[],
  follows: string,
  findings: Findings,
): Promise<readonly string[]> {
  const names = await readdir(folder);
  for (const name of names) {
    const belongs = known.includes(name) || name.startsWith(".");
    findings.in(name).holds("it", "something", belongs, follows);
  }
  return names;
}

/** What is kept of a point's bundle. */
export interface VerifiedPoint extends Pick<VerifiedBundle, "verification"> {
  /** Absent where parameters.json could not be read. */
  readonly parameters: SweepParameters | undefined;
  /** The same of summary.json. */
  readonly endedEarly: boolean | undefined;
}

/** variation.json says of each point what its bundle says. @param parts those that have ended, by their names */
export async function checkVariation(
  folder: string,
  { options, points, name, tags }: Variation,
  parts: Readonly<Record<string, VerifiedPoint>>,
  findings: Findings,
): Promise<true> {
  const pictures = Object.values(resourcePictures);
  const known = [variationName, pageName, ...pictures, ...points.map(({ bundle }) => bundle)];
  await checkNames(folder, known, "nothing: variation.json has no such point", findings);
  const found = findings.in(variationName);
  for (const [index, { bundle, values, status }] of points.entries()) {
    const key = `points[${index}]`;
    const { parameters, endedEarly } = parts[bundle] ?? {};
    if (parameters === undefined) continue;
    found.sameJson("name", name, parameters.name);
    found.sameJson("tags", tags, parameters.tags);
    const document = buildParametersJson(parameters);
    for (const [place, option] of options.entries()) {
      const value = askedOf(option.name, document);
      if (value === undefined) continue;
      found.same(`${key}.values[${place}]`, String(values[place]), value);
    }
    // One that ended early may have been gone on with.
    found.holds(
      `${key}.status`,
      status,
      endedEarly !== true || status !== "finished",
      "ended-early, as its bundle",
    );
  }
  return true;
}

/** Paths are kept as they were found, and links with all that was given of them. */
const otherwiseKept: ReadonlySet<string> = new Set(["node-binary", "protocol"]);

/** What a sweep was asked for of an option, as text; undefined where that is no single value. */
function askedOf(option: string, document: Readonly<Record<string, unknown>>): string | undefined {
  const value = option.startsWith(ofProtocol)
    ? protocolValue(option.slice(ofProtocol.length), document)
    : otherwiseKept.has(option)
      ? undefined
      : Object.hasOwn(optionOfFlag, camelOf(option))
        ? protocolValue(camelOf(option), document)
        : document[keyOfOption(option) ?? ""];
  return ["number", "string", "boolean"].includes(typeof value) ? String(value) : undefined;
}

const camelOf = (option: string) => camelCase(option.replaceAll("-", "_"));

function protocolValue(name: string, { protocol_options }: Readonly<Record<string, unknown>>): unknown {
  const values = protocol_options as Readonly<Record<string, unknown>>;
  const flags: Readonly<Record<string, string>> = optionOfFlag;
  return [name, flags[name] ?? name].map((one) => values[snakeCase(one)]).find((one) => one !== undefined);
}

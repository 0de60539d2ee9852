/** The JSON Schema of a file of options, for editors: made of the option table, so that it has every option. */

import type { FileOption } from "../../../src/options/file/file.ts";
import { type BenchSection, benchSections, benchTop, keysOf } from "../../../src/options/file/sections.ts";
import { clientHostKeys, hostKeys } from "../../../src/options/hosts/yaml.ts";

export interface DescribedOption extends FileOption {
  readonly description: string;
  readonly default?: string | undefined;
}

const reference = (name: string) => ({ $ref: `#/$defs/${name}` });
const text = { type: "string" };
const scalar = { type: ["string", "number"] };

/** What may stand for any value: a text with a variable in it. */
const variable = {
  description: "An environment variable: $" + "{NAME}, or $" + "{NAME:-default}.",
  type: "string",
  pattern: "\\$\\{[A-Za-z_]",
};

const phase = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: { ...scalar, description: "Name in the results, 1 to 40 characters." },
    duration: { ...scalar, description: "Seconds." },
    share: { ...scalar, description: "Share of the duration, 0 to 1, instead of seconds." },
    profile: { ...text, description: "How the load changes: ramp:0..1, sine:0.5..1.5/20s." },
    level: { ...scalar, description: "A multiple of the load, instead of a profile." },
  },
  required: ["name"],
};

function hostSchema(keys: readonly string[]): object {
  const value = (key: string) => (key === "nodes" ? {} : scalar);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(keys.map((key) => [key, value(key)])),
    required: ["address"],
  };
}

/** What options may be besides what their rules say: parts of the file in place of the name of another one. */
const inline: Readonly<Record<string, object>> = {
  hosts: {
    anyOf: [
      text,
      { type: "array", items: reference("host") },
      {
        type: "object",
        additionalProperties: false,
        properties: {
          hosts: { type: "array", items: reference("host") },
          clients: { type: "array", items: reference("client-host") },
          ssh_timeout: scalar,
          known_hosts: text,
        },
        required: ["hosts"],
      },
    ],
  },
  phases: { anyOf: [text, { type: "array", items: reference("phase") }] },
  "protocol-option": {
    anyOf: [
      { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } },
      { type: "array", items: text },
      text,
    ],
  },
};

function optionSchema({ name, rule, description, default: usual }: DescribedOption): object {
  const meaning = usual === undefined ? description : `${description} (default: ${usual})`;
  const form = inline[name] ?? rule.schema ?? text;
  const isText = JSON.stringify(form) === JSON.stringify(text);
  return { description: meaning, ...(isText ? text : { anyOf: [form, reference("variable")] }) };
}

/** The options by their names in a section; in camel case they are known, but not proposed. */
function properties(keys: ReadonlyMap<string, string>): {
  readonly named: readonly (readonly [string, object])[];
  readonly camel: readonly string[];
} {
  const named = [...keys].map(([key, option]): [string, object] => [key, reference(`option-${option}`)]);
  const camel = [...keys.keys()]
    .map((key) => key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    .filter((key) => !keys.has(key));
  return { named, camel };
}

function tableSchema(keys: ReadonlyMap<string, string>, sections: readonly BenchSection[]): object {
  const { named, camel } = properties(keys);
  const ofSections = sections.map(({ name }): [string, object] => {
    const option = keys.get(name);
    const section = reference(`section-${name}`);
    return [name, option === undefined ? section : { anyOf: [section, reference(`option-${option}`)] }];
  });
  const isSection = new Set(sections.map(({ name }) => name));
  return {
    type: "object",
    additionalProperties: false,
    // Editors propose them in this order.
    properties: Object.fromEntries([...ofSections, ...named.filter(([name]) => !isSection.has(name))]),
    ...(camel.length === 0 ? {} : { patternProperties: { [`^(${camel.join("|")})$`]: true } }),
  };
}

/** @param options each once; their order is that of what an editor proposes */
export function buildBenchSchema(options: readonly DescribedOption[]): object {
  const sections = benchSections.map((section) => {
    const inner = benchSections.filter(({ name }) => section.sections?.includes(name));
    const table = tableSchema(keysOf(section, options), inner);
    // All that stands in a section may be commented out.
    const type = keysOf(section, options).has(section.name) ? "object" : ["object", "null"];
    return [`section-${section.name}`, { ...table, description: section.meaning, type }] as const;
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:baleen:schema:bench:1",
    title: "Baleen benchmark",
    ...tableSchema(keysOf(benchTop, options), benchSections),
    description:
      "All options of a sweep, for --config. Sections only group options; baleen validate checks the whole file.",
    $defs: {
      variable,
      host: hostSchema(hostKeys),
      "client-host": hostSchema(clientHostKeys),
      phase,
      ...Object.fromEntries(sections),
      ...Object.fromEntries(options.map((option) => [`option-${option.name}`, optionSchema(option)])),
    },
  };
}

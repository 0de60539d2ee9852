import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AllowedValue, describeAllowedValue, isAllowedValue, range } from "../../core/allowed-value.ts";
import { ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { publicKeyOf } from "../wire/keys.ts";
import {
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
  type ValidatorTuning,
} from "../wire/node-files.ts";
import { type TuningField, tuningDefault, tuningFields } from "../wire/tuning.ts";

/** A validator's files, checked one by one and against each other. */
export interface Home {
  readonly folder: string;
  readonly genesis: GenesisFile;
  readonly key: ValidatorKeyFile;
  readonly config: ValidatorConfigFile;
}

/** A checked value that counts before the file's. */
export interface GivenTuning {
  readonly field: TuningField;
  /** As its giver called it: "--block-size", "BALEEN_VALIDATOR_BLOCK_SIZE". */
  readonly name: string;
  readonly value: number | string;
}

type Rule = (value: unknown) => string | undefined;
type Fields = Readonly<Record<string, Rule>>;

const text: Rule = (value) => (typeof value === "string" && value !== "" ? undefined : "must be text");
const key32: Rule = (value) =>
  typeof value === "string" && Buffer.from(value, "base64").length === 32
    ? undefined
    : "must be 32 bytes in base64";
const instant: Rule = (value) =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? undefined : "must be an RFC 3339 time";
const one =
  (allowed: AllowedValue): Rule =>
  (value) =>
    isAllowedValue(value, allowed) ? undefined : `must be ${describeAllowedValue(allowed)}`;
const orAbsent =
  (rule: Rule): Rule =>
  (value) =>
    value === undefined ? undefined : rule(value);
/** Looked at on its own. */
const elsewhere: Rule = () => undefined;

const authority = one(range(0, 65_535));
const listening = { host: text, port: one(range(0, 65_535)) };
const peer = { authority, host: text, port: one(range(1, 65_535)) };
const addresses = ["rpc", "peer", "metrics"];
const sections = Map.groupBy(tuningFields, ({ section }) => section);

/**
 * Reads and checks a validator's home.
 *
 * @param given what counts before the configuration file
 * @throws ConfigurationError with every diagnostic of all three files
 */
export async function readHome(folder: string, given: readonly GivenTuning[] = []): Promise<Home> {
  const diagnostics: Diagnostic[] = [];
  const throwAny = () => {
    if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  };
  const open = (name: string) => CheckedFile.read(join(folder, name), diagnostics);
  const [genesis, key, config] = await Promise.all([
    open(nodeFileNames.genesis),
    open(nodeFileNames.key),
    open(nodeFileNames.config),
  ]);
  throwAny();
  genesis.check(genesis.content, { chainId: text, genesisTime: instant, validators: elsewhere });
  genesis.checkList("validators", { authority, publicKey: key32 });
  key.check(key.content, { authority, seed: key32 });
  checkConfig(config);
  throwAny();
  // Each field was checked above.
  const checked = { genesis: genesis.content as GenesisFile, key: key.content as ValidatorKeyFile };
  const tuning = completeTuning(config.content, given, checked.genesis.validators.length);
  const home = { folder, ...checked, config: { ...(config.content as ValidatorConfigFile), ...tuning } };
  checkTogether(home, given, { genesis, key, config });
  throwAny();
  return home;
}

function checkConfig(config: CheckedFile): void {
  const { content } = config;
  const parts = [...addresses, "peers", ...sections.keys()].map((name) => [name, elsewhere]);
  config.check(content, { moniker: text, ...Object.fromEntries(parts) });
  for (const address of addresses) config.check(field(content, address), listening, `${address}.`);
  config.checkList("peers", peer);
  for (const [section, fields] of sections) {
    if (field(content, section) === undefined) continue;
    const rules = fields.map(({ name, allowed }) => [name, orAbsent(one(allowed))]);
    config.check(field(content, section), Object.fromEntries(rules), `${section}.`);
  }
}

/** What was given, else what the file says, else the default; no more leaders a round than there are validators. */
function completeTuning(config: unknown, given: readonly GivenTuning[], size: number): ValidatorTuning {
  const effective = (each: TuningField) => {
    const usual = tuningDefault(each);
    return (
      given.find((other) => other.field === each)?.value ??
      field(field(config, each.section), each.name) ??
      (each.name === "leadersPerRound" ? Math.min(Number(usual), size) : usual)
    );
  };
  const complete = [...sections].map(([section, fields]) => {
    return [section, Object.fromEntries(fields.map((each) => [each.name, effective(each)]))];
  });
  // The table has every field, and each value passed its rule.
  return Object.fromEntries(complete) as ValidatorTuning;
}

function checkTogether(
  { genesis, key, config }: Home,
  given: readonly GivenTuning[],
  files: Readonly<Record<keyof typeof nodeFileNames, CheckedFile>>,
): void {
  const size = genesis.validators.length;
  if (size === 0) files.genesis.report("validators must not be empty");
  genesis.validators.forEach((validator, place) => {
    if (validator.authority === place) return;
    files.genesis.report(`validators[${place}].authority must be ${place}: they must be in order`);
  });
  const own = genesis.validators[key.authority];
  if (own === undefined) {
    files.key.report(`authority ${key.authority} is not among the ${size} of the genesis`);
  } else if (!publicKeyOf(Buffer.from(key.seed, "base64")).equals(Buffer.from(own.publicKey, "base64"))) {
    files.key.report(`seed does not belong to the genesis's public key of authority ${key.authority}`);
  }
  const peers = config.peers.map((each) => each.authority).sort((a, b) => a - b);
  const others = genesis.validators.map((each) => each.authority).filter((each) => each !== key.authority);
  if (peers.join() !== others.join()) {
    const wanted = `peers must be validators ${others.join(", ")}, each once`;
    files.config.report(`${wanted}; they are ${peers.join(", ")}`);
  }
  if (config.consensus.leadersPerRound > size) {
    const source = given.find((each) => each.field.name === "leadersPerRound")?.name;
    const reason = `must be at most the ${size} validators`;
    if (source === undefined) files.config.report(`consensus.leadersPerRound ${reason}`);
    else files.config.reportPlain(`${source}: ${reason}.`);
  }
}

/** A file's content, and what is wrong with it. */
class CheckedFile {
  readonly content: unknown;
  readonly #path: string;
  readonly #diagnostics: Diagnostic[];

  constructor(path: string, content: unknown, diagnostics: Diagnostic[]) {
    this.#path = path;
    this.content = content;
    this.#diagnostics = diagnostics;
  }

  static async read(path: string, diagnostics: Diagnostic[]): Promise<CheckedFile> {
    try {
      return new CheckedFile(path, JSON.parse(await readFile(path, "utf8")), diagnostics);
    } catch (error) {
      const unread = new CheckedFile(path, undefined, diagnostics);
      unread.report(`cannot be read: ${describeError(error)}`);
      return unread;
    }
  }

  report(reason: string): void {
    this.reportPlain(`${this.#path}: ${reason}.`);
  }

  reportPlain(message: string): void {
    this.#diagnostics.push({ code: "validator-home", message });
  }

  /** An object of it must have these fields, and no others. */
  check(value: unknown, fields: Fields, prefix = ""): void {
    for (const [name, rule] of Object.entries(fields)) {
      const reason = rule(field(value, name));
      if (reason !== undefined) this.report(`${prefix}${name} ${reason}`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.report(`${prefix.slice(0, -1) || "its content"} must be an object`);
      return;
    }
    const known = Object.keys(fields);
    for (const name of Object.keys(value).filter((each) => !known.includes(each))) {
      const remedy = suggestion(name, known) || ` Known fields: ${known.join(", ")}.`;
      this.reportPlain(`${this.#path}: ${prefix}${name} is not a known field.${remedy}`);
    }
  }

  checkList(list: string, fields: Fields): void {
    const items = field(this.content, list);
    if (!Array.isArray(items)) {
      this.report(`${list} must be a list`);
      return;
    }
    items.forEach((item, i) => {
      this.check(item, fields, `${list}[${i}].`);
    });
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

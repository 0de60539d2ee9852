import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, describeError, type Fault } from "../core/errors.ts";
import { publicKeyOf } from "../wire/keys.ts";
import {
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
} from "../wire/node-files.ts";

/** A validator's files, checked one by one and against each other. */
export interface Home {
  readonly folder: string;
  readonly genesis: GenesisFile;
  readonly key: ValidatorKeyFile;
  readonly config: ValidatorConfigFile;
}

type Rule = (value: unknown) => string | undefined;
type Fields = Readonly<Record<string, Rule>>;

const text: Rule = (value) => (typeof value === "string" && value !== "" ? undefined : "must be a text");
const key32: Rule = (value) =>
  typeof value === "string" && Buffer.from(value, "base64").length === 32
    ? undefined
    : "must be 32 bytes in base64";
const instant: Rule = (value) =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? undefined : "must be an RFC 3339 time";
const whole =
  (from: number, to: number): Rule =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= from && value <= to
      ? undefined
      : `must be a whole number from ${from} to ${to}`;

const oneOf =
  (...choices: readonly string[]): Rule =>
  (value) =>
    choices.some((choice) => choice === value) ? undefined : `must be one of ${choices.join(", ")}`;

const authority = whole(0, 65_535);
const listening = { host: text, port: whole(0, 65_535) };
const peer = { authority, host: text, port: whole(1, 65_535) };
const pace = {
  minRoundDelayMs: whole(0, 60_000),
  leaderTimeoutMs: whole(1, 600_000),
  leadersPerRound: whole(1, 1_000),
  blockSizeBytes: whole(1, 3 * 1024 * 1024),
  checkpointIntervalHeights: whole(1, 1_000_000_000),
};
const mempool = { mostTransactions: whole(1, 100_000_000), mostBytes: whole(1, 2 ** 40) };
const log = {
  sync: oneOf("none", "interval", "block"),
  syncIntervalMs: whole(1, 3_600_000),
  retainHeights: whole(0, 1_000_000_000),
  retainBytes: whole(0, 2 ** 50),
};

/**
 * Reads and checks a validator's home.
 *
 * @throws ConfigurationError with every fault of all three files
 */
export async function readHome(folder: string): Promise<Home> {
  const faults = new Faults(folder);
  const [genesis, key, config] = await Promise.all([
    readJson(nodeFileNames.genesis, faults),
    readJson(nodeFileNames.key, faults),
    readJson(nodeFileNames.config, faults),
  ]);
  faults.throwAny();
  faults.check(nodeFileNames.genesis, genesis, { chainId: text, genesisTime: instant });
  faults.checkList(nodeFileNames.genesis, genesis, {
    list: "validators",
    fields: { authority, publicKey: key32 },
  });
  faults.check(nodeFileNames.key, key, { authority, seed: key32 });
  faults.check(nodeFileNames.config, config, { moniker: text });
  for (const address of ["rpc", "peer", "metrics"]) {
    faults.check(nodeFileNames.config, field(config, address), listening, `${address}.`);
  }
  faults.check(nodeFileNames.config, field(config, "consensus"), pace, "consensus.");
  faults.check(nodeFileNames.config, field(config, "mempool"), mempool, "mempool.");
  faults.check(nodeFileNames.config, field(config, "log"), log, "log.");
  faults.checkList(nodeFileNames.config, config, { list: "peers", fields: peer });
  faults.throwAny();
  // Each field was checked above.
  const home = {
    folder,
    genesis: genesis as GenesisFile,
    key: key as ValidatorKeyFile,
    config: config as ValidatorConfigFile,
  };
  checkTogether(home, faults);
  faults.throwAny();
  return home;
}

function checkTogether({ genesis, key, config }: Home, faults: Faults): void {
  const size = genesis.validators.length;
  if (size === 0) faults.add(nodeFileNames.genesis, "validators must not be empty");
  genesis.validators.forEach((validator, place) => {
    if (validator.authority !== place) {
      faults.add(
        nodeFileNames.genesis,
        `validators[${place}].authority must be ${place}: they stand in order`,
      );
    }
  });
  const own = genesis.validators[key.authority];
  if (own === undefined) {
    faults.add(nodeFileNames.key, `authority ${key.authority} is not among the ${size} of the genesis`);
  } else if (!publicKeyOf(Buffer.from(key.seed, "base64")).equals(Buffer.from(own.publicKey, "base64"))) {
    faults.add(
      nodeFileNames.key,
      `seed does not belong to the genesis's public key of authority ${key.authority}`,
    );
  }
  const peers = config.peers.map((each) => each.authority).sort((a, b) => a - b);
  const others = genesis.validators.map((each) => each.authority).filter((each) => each !== key.authority);
  if (peers.join() !== others.join()) {
    faults.add(
      nodeFileNames.config,
      `peers must be validators ${others.join(", ")}, each once; they are ${peers.join(", ")}`,
    );
  }
  if (config.consensus.leadersPerRound > size) {
    faults.add(nodeFileNames.config, `consensus.leadersPerRound must be at most the ${size} validators`);
  }
}

class Faults {
  readonly #folder: string;
  readonly #faults: Fault[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  pathOf(file: string): string {
    return join(this.#folder, file);
  }

  add(file: string, reason: string): void {
    this.#faults.push({ code: "validator-home", message: `${this.pathOf(file)}: ${reason}.` });
  }

  check(file: string, value: unknown, fields: Fields, prefix = ""): void {
    for (const [name, rule] of Object.entries(fields)) {
      const reason = rule(field(value, name));
      if (reason !== undefined) this.add(file, `${prefix}${name} ${reason}`);
    }
  }

  checkList(file: string, value: unknown, { list, fields }: { list: string; fields: Fields }): void {
    const items = field(value, list);
    if (!Array.isArray(items)) {
      this.add(file, `${list} must be a list`);
      return;
    }
    items.forEach((item, i) => {
      this.check(file, item, fields, `${list}[${i}].`);
    });
  }

  throwAny(): void {
    if (this.#faults.length > 0) throw new ConfigurationError(this.#faults);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

async function readJson(file: string, faults: Faults): Promise<unknown> {
  try {
    return JSON.parse(await readFile(faults.pathOf(file), "utf8"));
  } catch (error) {
    faults.add(file, `cannot be read: ${describeError(error)}`);
    return undefined;
  }
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as ports from "../../src/network/ports.ts";
import { publicKeyOf, validatorSeed } from "../../src/wire/keys.ts";
import {
  defaultValidatorTuning,
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
} from "../../src/wire/node-files.ts";

export interface HomeFiles {
  readonly folder: string;
  readonly genesis: GenesisFile;
  readonly key: ValidatorKeyFile;
  readonly config: ValidatorConfigFile;
}

/** The files of a committee on free loopback ports, one folder each below `folder`. Not written yet. */
export async function planHomes(folder: string, size: number): Promise<HomeFiles[]> {
  const host = "127.0.0.1";
  const free = await findFreePorts(3 * size);
  const port = (place: number) => free[place] ?? 0;
  const genesis: GenesisFile = {
    chainId: "test-chain",
    genesisTime: "2026-01-01T00:00:00Z",
    validators: Array.from({ length: size }, (_, authority) => ({
      authority,
      publicKey: publicKeyOf(validatorSeed("test", authority)).toString("base64"),
    })),
  };
  return genesis.validators.map(({ authority }) => ({
    folder: join(folder, `node${authority}`),
    genesis,
    key: { authority, seed: validatorSeed("test", authority).toString("base64") },
    config: {
      moniker: `node${authority}`,
      rpc: { host, port: port(authority) },
      peer: { host, port: port(size + authority) },
      metrics: { host, port: port(2 * size + authority) },
      peers: genesis.validators
        .filter((other) => other.authority !== authority)
        .map((other) => ({ authority: other.authority, host, port: port(size + other.authority) })),
      ...defaultValidatorTuning,
      consensus: { ...defaultValidatorTuning.consensus, leadersPerRound: Math.min(2, size) },
    },
  }));
}

export async function writeHome({ folder, genesis, key, config }: HomeFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries({ genesis, key, config })) {
    await writeFile(join(folder, nodeFileNames[name as keyof typeof nodeFileNames]), JSON.stringify(content));
  }
}

/** Ports of loopback that nobody listens on and no outgoing connection is given, so that a node finds its own again. */
export function findFreePorts(count: number): Promise<number[]> {
  return ports.findFreePorts(count, "127.0.0.1");
}

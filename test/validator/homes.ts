import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { publicKeyOf } from "../../src/validator/wire/keys.ts";
import {
  defaultValidatorTuning,
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
} from "../../src/validator/wire/node-files.ts";
import { validatorSeed } from "./key-seeds.ts";

export interface HomeFiles {
  readonly folder: string;
  readonly genesis: GenesisFile;
  readonly key: ValidatorKeyFile;
  readonly config: ValidatorConfigFile;
}

/** The files of a committee on free loopback ports, one folder each below `folder`. Not written yet. */
export async function planHomes(folder: string, size: number): Promise<HomeFiles[]> {
  const ports = await findFreePorts(3 * size);
  const port = (place: number) => ports[place] ?? 0;
  const genesis: GenesisFile = {
    chainId: "test-chain",
    genesisTime: "2026-01-01T00:00:00Z",
    validators: Array.from({ length: size }, (_, authority) => ({
      authority,
      publicKey: publicKeyOf(validatorSeed("test", authority)).toString("base64"),
    })),
  };
  const host = "127.0.0.1";
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

/** Below the ports that the system gives to outgoing connections: one of those could take a port before it is used. */
const firstPort = 11_000;
const portCount = 20_000;
/** Test processes run side by side, each from a place of its own. */
let nextPort = (process.pid * 401) % portCount;

/** Ports that nobody listened on a moment ago, all different, and different from those of earlier calls. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = firstPort + (nextPort++ % portCount);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { join } from "node:path";
import type Docker from "dockerode";
import { describeError } from "../../core/errors.ts";
import { type EngineAddress, formatEngineAddress, type LocalEngineAddress } from "./endpoint.ts";
import { DockerError, type EnginePlace, explainDockerFailure } from "./error.ts";
import { type ConnectionLimits, StreamAgent } from "./stream-agent.ts";
import { parseEngineInfo } from "./streams.ts";
import type { EngineInfo } from "./types.ts";

export type { default as Docker } from "dockerode";

/** The client library, twice, so that what takes long does not stand in the way of what is short. */
interface Libraries {
  /** For what is answered at once. */
  readonly requests: Docker;
  /** For what is sent or followed as long as it takes: events, images, commands in containers. */
  readonly streams: Docker;
}

/** What the parts of an engine's interface share. */
export interface Client extends Libraries, EnginePlace {
  /** Makes a request, and puts its failure into words: `action` completes "Docker could not …". */
  readonly ask: <T>(action: string, request: () => Promise<T>) => Promise<T>;
  /** The same for requests without an answer. */
  readonly order: (action: string, request: () => Promise<unknown>) => Promise<void>;
}

/** An answer that takes longer than this is none; builds, pulls and events have no such limit. */
const answerTimeoutMs = 60_000;

/** The option of a request that ends it when its time is over. */
export function limited(extraMs = 0): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(answerTimeoutMs + extraMs) };
}

export async function readInfo(docker: Docker): Promise<EngineInfo> {
  // Its options are missing in the library's types only.
  const typed = docker as unknown as { info: (options: object) => Promise<unknown> };
  return parseEngineInfo(await typed.info(limited()));
}

/**
 * Connections to one engine over streams. An SSH server gives one connection ten sessions, unless told otherwise, and
 * `docker system dial-stdio` takes one of them for each: the rest is for commands.
 */
const streamLimits = {
  requests: { connections: 4, kept: 2 },
  streams: { connections: 3, kept: 0 },
};

// The library takes from the environment what is not given; that was decided when the address was resolved.
const nothing = { host: undefined, ca: undefined, cert: undefined, key: undefined, timeout: undefined };

/** @throws DockerError where the certificates of a TLS engine cannot be read */
export async function connectClient(address: EngineAddress): Promise<Client> {
  const description = `${formatEngineAddress(address)} (${address.source})`;
  const place = { description, remote: address.kind === "stream" };
  const ask: Client["ask"] = async (action, request) => {
    try {
      return await request();
    } catch (error) {
      throw explainDockerFailure(action, place, error);
    }
  };
  const order: Client["order"] = async (action, request) => void (await ask(action, request));
  return { ...place, ...(await openLibraries(address)), ask, order };
}

async function openLibraries(address: EngineAddress): Promise<Libraries> {
  // Loaded when it is needed: it is large, and many commands ask no engine.
  const { default: Engine } = await import("dockerode");
  if (address.kind !== "stream") {
    const docker = await connectLocal(address, Engine);
    return { requests: docker, streams: docker };
  }
  const open = (limits: ConnectionLimits) => {
    const agent = new StreamAgent(address.connect, limits);
    // The name goes into the Host header only.
    const target = { ...nothing, host: "docker", port: 80, protocol: "http", pathPrefix: "/", agent };
    return new Engine(target as unknown as Docker.DockerOptions);
  };
  return { requests: open(streamLimits.requests), streams: open(streamLimits.streams) };
}

async function connectLocal(address: LocalEngineAddress, Engine: typeof Docker): Promise<Docker> {
  // A connection for each request: one that is kept would be dead once the engine was started anew.
  const agent = new Agent({ keepAlive: false });
  if (address.kind === "unix") {
    return new Engine({ ...nothing, socketPath: address.socketPath, agent } as Docker.DockerOptions);
  }
  const { host, port, certificates } = address;
  const target = { ...nothing, host, port, pathPrefix: "/" };
  if (certificates === undefined) {
    return new Engine({ ...target, protocol: "http", agent } as unknown as Docker.DockerOptions);
  }
  const read = (name: string) => readFile(join(certificates, name), "utf8");
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]).catch(
    (cause: unknown) => {
      const message = `Cannot read the certificates for the Docker engine (${address.source}): ${describeError(cause)}. Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.`;
      throw new DockerError("certificates", message, { cause });
    },
  );
  const secureAgent = new SecureAgent({ keepAlive: false });
  const secure = { ...target, protocol: "https", ca, cert, key, agent: secureAgent };
  return new Engine(secure as Docker.DockerOptions);
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { formatAuthority } from "../../core/address.ts";
import { readBounded } from "../../core/documents/read-bounded.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { ConfigurationError, describeError, systemCode } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";

/** Where a Docker engine of this machine listens, and which setting said so. */
export type LocalEngineAddress = { readonly source: string } & (
  | { readonly kind: "unix"; readonly socketPath: string }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      /** Folder with ca.pem, cert.pem and key.pem; TLS is spoken where it is set. */
      readonly certificates?: string;
    }
);

/** A Docker engine that is reached by byte streams, whatever carries them: one of another machine, over SSH. */
export interface StreamEngineAddress {
  readonly kind: "stream";
  /** Whose engine it is: "host0". */
  readonly source: string;
  /** "ubuntu@10.0.1.11:22 /var/run/docker.sock", for messages. */
  readonly description: string;
  /** Longest wait for an answer, and for a stream to open. */
  readonly timeoutMs: number;
  /** Opens a stream to the engine, as a connection to its socket would be. Called for several at a time. */
  readonly connect: () => Promise<Duplex>;
}

export type EngineAddress = LocalEngineAddress | StreamEngineAddress;

/**
 * Finds the address of the engine that the docker command would use: DOCKER_HOST, else DOCKER_CONTEXT, else the
 * current context of the configuration (DOCKER_CONFIG, ~/.docker), else the usual sockets, rootless ones included.
 * Does not connect.
 *
 * Only an engine of this machine is taken: nodes are reached at ports published on its loopback addresses.
 *
 * @throws ConfigurationError
 */
export async function resolveEngine(options: {
  env: Environment;
  home: string;
}): Promise<LocalEngineAddress> {
  const { env, home } = options;
  const config = env.DOCKER_CONFIG || join(home, ".docker");
  if (env.DOCKER_HOST) {
    const verify = Boolean(env.DOCKER_TLS_VERIFY);
    return parseEngineHost(env.DOCKER_HOST, {
      source: "DOCKER_HOST",
      certificates: verify ? env.DOCKER_CERT_PATH || config : undefined,
    });
  }
  const named = env.DOCKER_CONTEXT
    ? { name: env.DOCKER_CONTEXT, source: "DOCKER_CONTEXT" }
    : { name: await readCurrentContext(config), source: join(config, "config.json") };
  if (named.name === undefined || named.name === "default") {
    return { kind: "unix", socketPath: findSocket(env, home), source: "default" };
  }
  return readContext(config, named.name, named.source);
}

/** The address as DOCKER_HOST would give it; that of a stream as it describes itself. */
export function formatEngineAddress(address: EngineAddress): string {
  if (address.kind === "stream") return address.description;
  if (address.kind === "unix") return `unix://${address.socketPath}`;
  return `tcp://${formatAuthority(address)}`;
}

/** Variables that lead the docker and docker-compose commands to this very engine. */
export function engineEnvironment(address: LocalEngineAddress): Environment {
  const certificates = address.kind === "tcp" ? address.certificates : undefined;
  return {
    DOCKER_HOST: formatEngineAddress(address),
    DOCKER_CONTEXT: undefined,
    DOCKER_TLS_VERIFY: certificates === undefined ? undefined : "1",
    DOCKER_CERT_PATH: certificates,
  };
}

/** Parses a DOCKER_HOST or a context's host. @throws ConfigurationError for what cannot serve */
export function parseEngineHost(
  text: string,
  options: { source: string; certificates?: string | undefined },
): LocalEngineAddress {
  const { source, certificates } = options;
  // For messages; it must not spread a password.
  const shown = text.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, "$1:…@");
  if (text.startsWith("unix://")) {
    const socketPath = text.slice("unix://".length);
    if (socketPath.startsWith("/")) return { kind: "unix", socketPath, source };
    throw refused("docker-host-invalid", `${source} is "${shown}": the path of the socket must be absolute.`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "tcp:" && url.hostname !== "") {
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    if (!isLoopback(host)) throw refusedRemote(shown, source);
    const port = url.port === "" ? (certificates === undefined ? 2375 : 2376) : Number(url.port);
    const tls = certificates === undefined ? {} : { certificates };
    return { kind: "tcp", host, port, source, ...tls };
  }
  if (url?.protocol === "ssh:") throw refusedRemote(shown, source);
  throw refused(
    "docker-host-invalid",
    `${source} is "${shown}", which is not the address of an engine on this machine. Use unix:///path/to/docker.sock or tcp://127.0.0.1:PORT.`,
  );
}

function refusedRemote(shown: string, source: string): ConfigurationError {
  return refused(
    "docker-engine-remote",
    `${source} names a Docker engine on another machine (${shown}), but a local network is measured through this machine's loopback addresses. ` +
      "Unset it (or: docker context use default) to use an engine on this machine, or use --runtime process.",
  );
}

function refused(code: ErrorCode, message: string): ConfigurationError {
  return new ConfigurationError([{ code, message }]);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

async function readCurrentContext(config: string): Promise<string | undefined> {
  const current = (await readJson(join(config, "config.json")).catch(() => undefined))?.currentContext;
  return typeof current === "string" && current !== "" ? current : undefined;
}

async function readContext(config: string, name: string, source: string): Promise<LocalEngineAddress> {
  // The docker command names a context's folders by the digest of its name.
  const id = createHash("sha256").update(name).digest("hex");
  const unusable = (why: string) =>
    refused(
      "docker-context",
      `Docker context "${name}" (from ${source}) ${why}. See docker context ls, and choose one with docker context use.`,
    );
  const meta = await readJson(join(config, "contexts", "meta", id, "meta.json")).catch((error: unknown) => {
    throw unusable(
      systemCode(error) === "ENOENT" ? "does not exist" : `cannot be read: ${describeError(error)}`,
    );
  });
  const endpoints = meta.Endpoints as { docker?: { Host?: unknown } } | undefined;
  const host = endpoints?.docker?.Host;
  if (typeof host !== "string" || host === "") throw unusable("has no Docker host");
  const certificates = join(config, "contexts", "tls", id, "docker");
  return parseEngineHost(host, {
    source: `Docker context "${name}"`,
    certificates: existsSync(certificates) ? certificates : undefined,
  });
}

function findSocket(env: Environment, home: string): string {
  const usual = "/var/run/docker.sock";
  const rootless = env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "docker.sock")] : [];
  const places = [usual, ...rootless, join(home, ".docker", "run", "docker.sock")];
  return places.find((path) => existsSync(path)) ?? usual;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const value: unknown = JSON.parse((await readBounded(path)).toString());
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

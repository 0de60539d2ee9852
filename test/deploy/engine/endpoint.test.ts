import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Diagnostic, diagnosticsOf } from "../../../src/core/errors.ts";
import {
  type EngineAddress,
  engineEnvironment,
  formatEngineAddress,
  parseEngineHost,
  resolveEngine,
} from "../../../src/deploy/engine/endpoint.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "baleen-home-"));
});
afterEach(() => rm(home, { recursive: true }));

async function writeContext(config: string, name: string, host: string): Promise<string> {
  const id = createHash("sha256").update(name).digest("hex");
  const folder = join(config, "contexts", "meta", id);
  await mkdir(folder, { recursive: true });
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  await writeFile(join(folder, "meta.json"), JSON.stringify(meta));
  return id;
}

async function writeConfig(config: string, value: unknown): Promise<void> {
  await mkdir(config, { recursive: true });
  await writeFile(join(config, "config.json"), typeof value === "string" ? value : JSON.stringify(value));
}

function addressOf(env: Record<string, string>): Promise<EngineAddress> {
  return resolveEngine({ env, home });
}

async function diagnosticOf(env: Record<string, string>) {
  const refusal = await resolveEngine({ env, home }).catch(diagnosticsOf);
  if (!Array.isArray(refusal)) throw new Error("it was not refused");
  return refusal[0] as Diagnostic;
}

/** Why a host cannot serve. */
function refusalOf(text: string): Diagnostic | undefined {
  try {
    parseEngineHost(text, { source: "DOCKER_HOST" });
    return undefined;
  } catch (error) {
    return diagnosticsOf(error)[0];
  }
}

describe("which setting counts", () => {
  test("DOCKER_HOST comes before DOCKER_CONTEXT and the current context", async () => {
    await writeConfig(join(home, ".docker"), { currentContext: "rootless" });
    const env = { DOCKER_HOST: "unix:///somewhere/docker.sock", DOCKER_CONTEXT: "none such" };
    expect(await addressOf(env)).toEqual({
      kind: "unix",
      socketPath: "/somewhere/docker.sock",
      source: "DOCKER_HOST",
    });
  });

  test("DOCKER_CONTEXT comes before the current context", async () => {
    const config = join(home, ".docker");
    await writeConfig(config, { currentContext: "other" });
    await writeContext(config, "rootless", "unix:///run/user/1000/docker.sock");
    expect(await addressOf({ DOCKER_CONTEXT: "rootless" })).toEqual({
      kind: "unix",
      socketPath: "/run/user/1000/docker.sock",
      source: 'Docker context "rootless"',
    });
  });

  test("the current context is read from DOCKER_CONFIG where that is set", async () => {
    const config = join(home, "elsewhere");
    await writeConfig(config, { currentContext: "desktop" });
    await writeContext(config, "desktop", "unix:///home/me/.docker/desktop/docker.sock");
    expect(await addressOf({ DOCKER_CONFIG: config })).toMatchObject({
      socketPath: "/home/me/.docker/desktop/docker.sock",
    });
  });

  test("a context named default, and a configuration that is no JSON, mean the usual socket", async () => {
    await writeConfig(join(home, ".docker"), "{ broken");
    expect(await addressOf({})).toMatchObject({ kind: "unix", source: "default" });
    await writeContext(join(home, ".docker"), "other", "unix:///other.sock");
    await writeConfig(join(home, ".docker"), { currentContext: "other" });
    expect(await addressOf({ DOCKER_CONTEXT: "default" })).toMatchObject({ source: "default" });
  });

  test("a context that does not exist is refused by name", async () => {
    await writeConfig(join(home, ".docker"), { currentContext: "gone" });
    const diagnostic = await diagnosticOf({});
    expect(diagnostic.message).toBe(
      `Docker context "gone" (from ${join(home, ".docker", "config.json")}) does not exist. See docker context ls, and choose one with docker context use.`,
    );
  });

  test("a context's certificates are used for its TLS engine", async () => {
    const config = join(home, ".docker");
    const id = await writeContext(config, "tls", "tcp://127.0.0.1:2376");
    const certificates = join(config, "contexts", "tls", id, "docker");
    await mkdir(certificates, { recursive: true });
    expect(await addressOf({ DOCKER_CONTEXT: "tls" })).toMatchObject({
      kind: "tcp",
      port: 2376,
      certificates,
    });
  });
});

describe("what a host may be", () => {
  const accepted: [string, Partial<EngineAddress> & { host?: string; port?: number }][] = [
    ["tcp://127.0.0.1:2375", { kind: "tcp", host: "127.0.0.1", port: 2375 }],
    ["tcp://127.8.0.1", { kind: "tcp", host: "127.8.0.1", port: 2375 }],
    ["tcp://localhost:1234", { kind: "tcp", host: "localhost", port: 1234 }],
    ["tcp://[::1]:2375", { kind: "tcp", host: "::1", port: 2375 }],
    ["unix:///a b/docker.sock", { kind: "unix", socketPath: "/a b/docker.sock" } as Partial<EngineAddress>],
  ];
  test.each(accepted)("%s is taken", (text, expected) => {
    const resolved = parseEngineHost(text, { source: "DOCKER_HOST" });
    expect(resolved).toMatchObject(expected);
  });

  test.each([
    "ssh://me@server",
    "tcp://10.0.0.5:2375",
    "tcp://docker:2375",
    "tcp://127.0.0.1.example.com:2375",
  ])("%s is on another machine and refused, with what to do instead", (text) => {
    const { code, message } = refusalOf(text) ?? {};
    expect(code).toBe("docker-engine-remote");
    expect(message).toContain(text);
    expect(message).toContain("--runtime process");
    expect(message).not.toContain("\n");
  });

  test("a password in it is not told", () => {
    for (const text of ["ssh://me:hush@server", "tcp://me:hush@10.0.0.5:1", "http://me:hush@x"]) {
      const message = refusalOf(text)?.message;
      expect(message).toContain("//me:…@");
      expect(message).not.toContain("hush");
    }
  });

  test.each(["npipe:////./pipe/docker_engine", "unix://relative.sock", "127.0.0.1:2375", "fd://", "tcp://"])(
    "%j is no engine's address",
    (text) => {
      expect(refusalOf(text)).toMatchObject({ code: "docker-host-invalid" });
    },
  );

  test("DOCKER_TLS_VERIFY takes certificates from DOCKER_CERT_PATH, else from the configuration", async () => {
    const env = { DOCKER_HOST: "tcp://127.0.0.1", DOCKER_TLS_VERIFY: "1" };
    expect(await addressOf(env)).toMatchObject({ port: 2376, certificates: join(home, ".docker") });
    expect(await addressOf({ ...env, DOCKER_CERT_PATH: "/certs" })).toMatchObject({ certificates: "/certs" });
  });
});

describe("the usual sockets", () => {
  test("a rootless engine's socket is found where the system has none", async () => {
    const runtime = join(home, "run");
    await mkdir(runtime);
    await writeFile(join(runtime, "docker.sock"), "");
    const { socketPath } = (await addressOf({ XDG_RUNTIME_DIR: runtime })) as { socketPath: string };
    // A machine with an engine of its own keeps that one first, as the docker command does.
    expect(["/var/run/docker.sock", join(runtime, "docker.sock")]).toContain(socketPath);
  });
});

describe("for the compose command", () => {
  test("the address comes back as DOCKER_HOST and a context is taken away", () => {
    const address = { kind: "tcp", host: "::1", port: 2376, certificates: "/c", source: "x" } as const;
    expect(formatEngineAddress(address)).toBe("tcp://[::1]:2376");
    expect(engineEnvironment(address)).toEqual({
      DOCKER_HOST: "tcp://[::1]:2376",
      DOCKER_CONTEXT: undefined,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: "/c",
    });
  });
});

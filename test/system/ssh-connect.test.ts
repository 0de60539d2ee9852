import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onTrace, type Trace } from "../../src/core/trace.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import type { UnknownHostKey } from "../../src/deploy/ssh/keys/host-key.ts";
import {
  type Connecting,
  connectTo,
  failureOf,
  makeKey,
  run,
  type Sshd,
  startAgent,
  startSshd,
  user,
  whyNoSshd,
} from "../support/sshd.ts";

let sshd: Sshd;
let folder: string;

beforeAll(async () => {
  if (whyNoSshd !== undefined) return;
  sshd = await startSshd();
  folder = await mkdtemp(join(tmpdir(), "baleen-ssh-"));
});

afterAll(async () => {
  await sshd?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Connects, and runs a command to show that it is true. */
async function works(options: Connecting = {}): Promise<void> {
  await using host = await connectTo(sshd, options);
  expect((await host.exec(["echo", "here"], { timeoutMs: 30_000 })).stdout).toBe("here\n");
}

/** A key that may log in. */
async function authorized(name: string, type: string, passphrase = ""): Promise<string> {
  const file = await makeKey(join(folder, name), type, passphrase);
  await authorize(await readFile(`${file}.pub`, "utf8"));
  return file;
}

async function authorize(line: string): Promise<void> {
  const path = join(sshd.folder, "authorized_keys");
  await writeFile(path, `${await readFile(path, "utf8")}${line.trim()}\n`);
}

const fingerprintOf = (file: string) => run("ssh-keygen", ["-lf", file]).split(" ")[1] ?? "none";

test.skipIf(whyNoSshd !== undefined)(
  "logins and commands are reported, with keys by name alone",
  async () => {
    const traces: Trace[] = [];
    using _listening = onTrace((one) => traces.push(one));
    await works();
    const wrong = await makeKey(join(folder, "refused"), "ed25519");
    await failureOf(connectTo(sshd, { address: { keyFiles: [wrong] } }));
    const host = `node1 (${user}@127.0.0.1:${sshd.port})`;
    const known = { kind: "decision", subject: `key of ${host}`, choice: "known" };
    const login = (file: string) => ({
      kind: "connection",
      host,
      offered: `${file} (${fingerprintOf(file)})`,
    });
    expect(traces).toMatchObject([
      known,
      login(sshd.keyFile),
      { kind: "command", host: "node1", argv: ["echo", "here"], state: "ended", exitCode: 0 },
      known,
      { ...login(wrong), failure: expect.stringContaining("authentication methods failed") },
    ]);
    const secret = (await readFile(sshd.keyFile, "utf8")).split("\n")[2] ?? "";
    expect(secret.length).toBeGreaterThan(40);
    expect(JSON.stringify(traces)).not.toContain(secret);
  },
);

describe.skipIf(whyNoSshd !== undefined)(`host keys ${whyNoSshd ?? ""}`, () => {
  test("are known by [host]:port, hashed too", async () => {
    const known = await sshd.knowHost(["ed25519"]);
    await works({ knownHostsFiles: [known] });
    const hashed = join(folder, "hashed");
    await copyFile(known, hashed);
    run("ssh-keygen", ["-H", "-f", hashed]);
    expect(await readFile(hashed, "utf8")).toMatch(/^\|1\|/);
    await works({ knownHostsFiles: [join(folder, "not there"), hashed] });
  });

  test("are known by RSA alone where the server has ed25519 too", async () => {
    await works({ knownHostsFiles: [await sshd.knowHost(["rsa"])] });
  });

  test("that are unknown are refused, with their fingerprint and the remedy", async () => {
    const file = join(folder, "empty");
    await writeFile(file, "");
    const error = await failureOf(connectTo(sshd, { knownHostsFiles: [file] }));
    expect(error).toMatchObject({ code: "host-key-unknown", host: "node1" });
    expect(error.message).toContain(fingerprintOf(sshd.hostKeyFile("ed25519")));
    expect(error.message).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${file}`);
    expect(await readFile(file, "utf8")).toBe("");
  });

  test("that are new are refused with accept-new where they cannot be remembered", async () => {
    const file = join(folder, "a-file", "known_hosts");
    await writeFile(join(folder, "a-file"), "");
    const connecting = connectTo(sshd, { hostKeyPolicy: "accept-new", knownHostsFiles: [file] });
    const failure = await failureOf(connecting);
    expect(failure.code).toBe("known-hosts-unwritable");
    expect(failure.message).toContain("cannot be saved");
  });

  test("that are new are taken and remembered with accept-new, a changed one not", async () => {
    const file = join(folder, "new folder", "known_hosts");
    const warnings: string[] = [];
    await works({ hostKeyPolicy: "accept-new", knownHostsFiles: [file], warnings });
    expect(warnings).toEqual([expect.stringContaining(fingerprintOf(sshd.hostKeyFile("ed25519")))]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "new folder"))).mode & 0o777).toBe(0o700);
    await works({ knownHostsFiles: [file] });
    const other = await makeKey(join(folder, "other_host"), "ed25519");
    const [type, key] = (await readFile(`${other}.pub`, "utf8")).split(" ");
    await writeFile(file, `# mine\n[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    for (const hostKeyPolicy of ["accept-new", "strict"] as const) {
      const error = await failureOf(connectTo(sshd, { hostKeyPolicy, knownHostsFiles: [file] }));
      expect(error.code).toBe("host-key-changed");
      expect(error.message).toContain(fingerprintOf(sshd.hostKeyFile("ed25519")));
      expect(error.message).toContain(`${file}:2 (ssh-ed25519)`);
      expect(error.message).toContain(`ssh-keygen -f '${file}' -R '[127.0.0.1]:${sshd.port}'`);
    }
  });

  test("that are new are taken and remembered where just that key is approved", async () => {
    const file = join(folder, "approved");
    const shown: UnknownHostKey[] = [];
    const answering = (answer: boolean) => (key: UnknownHostKey) => {
      shown.push(key);
      return answer;
    };
    const refused = await failureOf(
      connectTo(sshd, { knownHostsFiles: [file], approveHostKey: answering(false) }),
    );
    expect(refused.code).toBe("host-key-unknown");
    await expect(stat(file)).rejects.toThrow("ENOENT");
    await works({ knownHostsFiles: [file], approveHostKey: answering(true) });
    const key = {
      host: `node1 (${user}@127.0.0.1:${sshd.port})`,
      type: "ssh-ed25519",
      fingerprint: fingerprintOf(sshd.hostKeyFile("ed25519")),
    };
    expect(shown).toEqual([key, key]);
    // It is known now: nobody is asked.
    await works({ knownHostsFiles: [file], approveHostKey: answering(false) });
    expect(shown).toHaveLength(2);
  });

  test("of none of the known types are a change", async () => {
    await using old = await startSshd({ hostKeyTypes: ["rsa"] });
    const line = (await readFile(await sshd.knowHost(["ed25519"]), "utf8")).replace(/:\d+ /, `:${old.port} `);
    const file = join(folder, "types");
    await writeFile(file, line);
    const error = await failureOf(connectTo(old, { knownHostsFiles: [file] }));
    expect(error).toMatchObject({
      code: "host-key-changed",
      message: expect.stringContaining("ssh-ed25519"),
    });
  });

  test("that cannot be checked are refused by name", async () => {
    const file = join(folder, "special");
    const type = "sk-ssh-ed25519@openssh.com";
    const blob = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]).toString("base64");
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${type} ${blob}\n`);
    const error = await failureOf(connectTo(sshd, { knownHostsFiles: [file] }));
    expect(error).toMatchObject({ code: "host-key-unsupported", message: expect.stringContaining(type) });
    const known = await readFile(await sshd.knowHost(["ed25519"]), "utf8");
    await writeFile(file, `@cert-authority ${known}`);
    const authority = await failureOf(connectTo(sshd, { knownHostsFiles: [file] }));
    expect(authority).toMatchObject({ code: "host-key-unsupported" });
    await writeFile(file, `${known}@revoked ${known}`);
    expect(await failureOf(connectTo(sshd, { knownHostsFiles: [file] }))).toMatchObject({
      code: "host-key-revoked",
    });
  });

  test("are not looked at when that is asked for, with a warning", async () => {
    const warnings: string[] = [];
    await works({ hostKeyPolicy: "insecure", knownHostsFiles: [], warnings });
    expect(warnings).toEqual([expect.stringContaining("is not checked")]);
  });

  test("cannot be checked by a file that cannot be read", async () => {
    const error = await failureOf(connectTo(sshd, { knownHostsFiles: [folder] }));
    expect(error).toMatchObject({ code: "known-hosts-unreadable", message: expect.stringContaining(folder) });
  });
});

test.skipIf(whyNoSshd !== undefined)("many can log in at once where the server drops some", async () => {
  await using small = await startSshd({ config: ["MaxStartups 2:90:3"] });
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      await using host = await connectTo(small);
      await host.exec(["true"], { timeoutMs: 30_000 });
    }),
  );
});

describe.skipIf(whyNoSshd !== undefined)(`logging in ${whyNoSshd ?? ""}`, () => {
  const secret = "a long & secret 'phrase'";
  const as = (file: string, options: Connecting = {}): Connecting => ({
    ...options,
    address: { keyFiles: [file], ...options.address },
  });

  test("takes keys in all usual forms", async () => {
    await works(as(await authorized("plain_rsa", "rsa")));
    const pem = await authorized("pem_rsa", "rsa");
    run("ssh-keygen", ["-p", "-m", "PEM", "-N", "", "-f", pem]);
    expect(await readFile(pem, "utf8")).toContain("BEGIN RSA PRIVATE KEY");
    await works(as(pem));
    const pkcs8 = await authorized("pkcs8_ecdsa", "ecdsa");
    run("ssh-keygen", ["-p", "-m", "PKCS8", "-N", "", "-f", pkcs8]);
    expect(await readFile(pkcs8, "utf8")).toContain("BEGIN PRIVATE KEY");
    await works(as(pkcs8));
  });

  test("takes an ed25519 key that openssl wrote", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const file = join(folder, "openssl");
    await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const part = (content: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, content.length]), content]);
    const blob = Buffer.concat([part(Buffer.from("ssh-ed25519")), part(raw)]);
    await authorize(`ssh-ed25519 ${blob.toString("base64")} openssl`);
    await works(as(file));
  });

  test("asks once for the passphrase of a key, for all hosts", async () => {
    const file = await authorized("encrypted", "ed25519", secret);
    const questions: string[] = [];
    const asker = () => async (keyFile: string) => {
      questions.push(keyFile);
      return secret;
    };
    await Promise.all([1, 2, 3].map(() => works(as(file, { passphrase: asker() }))));
    await works(as(file, { passphrase: asker() }));
    expect(questions).toEqual([file]);
    const pkcs8 = await authorized("encrypted_pkcs8", "rsa", secret);
    run("ssh-keygen", ["-p", "-m", "PKCS8", "-P", secret, "-N", secret, "-f", pkcs8]);
    expect(await readFile(pkcs8, "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    await works(as(pkcs8, { passphrase: asker() }));
  });

  test("with a wrong passphrase fails, and does not tell it", async () => {
    for (const [name, format] of [
      ["wrong_new", "RFC4716"],
      ["wrong_pem", "PEM"],
      ["wrong_pkcs8", "PKCS8"],
    ] as const) {
      const file = await authorized(name, "rsa", secret);
      run("ssh-keygen", ["-p", "-m", format, "-P", secret, "-N", secret, "-f", file]);
      const warnings: string[] = [];
      const error = await failureOf(
        connectTo(sshd, as(file, { passphrase: async () => "wrong phrase", warnings })),
      );
      expect(error).toMatchObject({ code: "key-passphrase", message: expect.stringContaining(file) });
      expect(error.message + warnings.join()).not.toMatch(/wrong phrase/);
      expect(warnings).toEqual([expect.stringContaining(file)]);
    }
  });

  test("without anybody to ask says how to do without", async () => {
    const file = await authorized("nobody", "ed25519", secret);
    const error = await failureOf(connectTo(sshd, as(file)));
    expect(error).toMatchObject({ code: "key-encrypted", host: "node1" });
    expect(error.message).toContain(`add it to the agent: ssh-add ${file}`);
  });

  test("asks for no passphrase where the agent has the key, or another key does", async () => {
    const file = await authorized("in_agent", "ed25519", secret);
    await using agent = await startAgent(folder);
    // The server counts the tries: the key that is wanted comes first.
    for (const number of [1, 2, 3, 4, 5, 6, 7]) {
      agent.add(await makeKey(join(folder, `other${number}`), "ed25519"));
    }
    agent.add(file, secret);
    const passphrase = () => Promise.reject(new Error("Nobody should be asked."));
    await works(as(file, { agentSocket: agent.socket, passphrase }));
    const locked = await makeKey(join(folder, "locked"), "ed25519", secret);
    await works({ address: { keyFiles: [locked, sshd.keyFile] }, passphrase });
  });

  test("does without an agent that is gone", async () => {
    const warnings: string[] = [];
    await works({ agentSocket: join(folder, "no-agent"), warnings });
    expect(warnings).toEqual([expect.stringContaining("no-agent does not answer")]);
  });

  test("as somebody else, or with another key, is refused: the error says who and with what", async () => {
    const wrongUser = await failureOf(connectTo(sshd, { address: { user: "nobody-here" } }));
    expect(wrongUser.code).toBe("host-authentication");
    expect(wrongUser.message).toContain(
      `refused the login of nobody-here, who offered ${sshd.keyFile} (SHA256:`,
    );
    const stranger = await makeKey(join(folder, "stranger"), "ed25519");
    const wrongKey = await failureOf(connectTo(sshd, as(stranger)));
    expect(wrongKey).toMatchObject({ code: "host-authentication" });
    expect(wrongKey.message).toContain(fingerprintOf(stranger));
  });

  test("with a key that is none says what is wrong with it", async () => {
    const missing = await failureOf(connectTo(sshd, as(join(folder, "missing"))));
    expect(missing).toMatchObject({
      code: "key-unreadable",
      message: expect.stringContaining("does not exist"),
    });
    const open = await failureOf(connectTo(sshd, as(`${sshd.keyFile}.pub`)));
    expect(open).toMatchObject({ code: "key-invalid", message: expect.stringContaining("is a public key") });
    const garbage = join(folder, "garbage");
    await writeFile(garbage, "hello");
    expect(await failureOf(connectTo(sshd, as(garbage)))).toMatchObject({ code: "key-invalid" });
    const none = await failureOf(connectTo(sshd, { address: { keyFiles: [] } }));
    expect(none).toMatchObject({ code: "key-unreadable", message: expect.stringContaining("no key") });
  });

  test("with a key that others may read warns", async () => {
    const file = await authorized("open", "ed25519");
    await chmod(file, 0o644);
    const warnings: string[] = [];
    await works(as(file, { warnings }));
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${file}`)]);
  });
});

describe.skipIf(whyNoSshd !== undefined)(`hosts that cannot be reached ${whyNoSshd ?? ""}`, () => {
  const at = (port: number, options: Connecting = {}): Promise<AsyncDisposable> =>
    connectTo(sshd, { ...options, address: { port, ...options.address } });

  async function serve(onConnection: (socket: Socket) => void) {
    const server = createServer(onConnection);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => {
        server.close();
      },
    };
  }

  test("because nothing listens", async () => {
    const [port = 0] = await findFreePorts(1, "127.0.0.1");
    const error = await failureOf(at(port));
    expect(error).toMatchObject({ code: "host-refused", host: "node1" });
    expect(error.message).toBe(
      `Cannot reach node1 (${user}@127.0.0.1:${port}) over SSH within 20 s: connection refused. Check its address and port, and that sshd runs.`,
    );
  });

  test("because there is no such name, whatever is in it", async () => {
    for (const host of ["no-such-host.invalid", "$(touch /tmp/never); 'x' \n.invalid"]) {
      expect(await failureOf(at(22, { address: { host } })), host).toMatchObject({ code: "host-unknown" });
    }
  });

  test("because what answers is no SSH server", async () => {
    await using other = await serve((socket) => {
      socket.on("error", () => {});
      socket.write("SSH-1.5-old\r\n");
    });
    expect(await failureOf(at(other.port))).toMatchObject({ code: "host-not-ssh" });
    await using http = await serve((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    expect(await failureOf(at(http.port))).toMatchObject({ code: "host-dropped" });
  });

  test("because nothing answers in time", async () => {
    await using silent = await serve((socket) => socket.on("error", () => {}));
    const error = await failureOf(at(silent.port, { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: "host-timeout", message: expect.stringContaining("within 0.3 s") });
  });

  test("because nobody waits any more", async () => {
    await using silent = await serve((socket) => socket.on("error", () => {}));
    const error = await failureOf(at(silent.port, { signal: AbortSignal.timeout(200) }));
    expect(error.name).toBe("TimeoutError");
  });
});

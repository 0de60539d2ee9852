import { HostError } from "../../../contracts/hosts/host.ts";
import { describeError } from "../../../core/errors.ts";
import { formatArgv } from "../../../core/process/command.ts";
import type { Hop } from "../errors.ts";
import {
  type KeyFileReading,
  type KeyReading,
  type LoginMethod,
  type PrivateKey,
  readAgent,
  readKey,
  readPrivateKey,
  whyExposed,
} from "./keys.ts";
import { formatFingerprint } from "./known-hosts.ts";

export interface CredentialOptions {
  /** Socket of the ssh-agent, if there is one. */
  readonly agentSocket?: string | undefined;
  /** Asks the user; undefined: nobody can be asked. */
  readonly passphrase: (keyFile: string) => Promise<string | undefined>;
  readonly warn: (message: string) => void;
}

export interface Credentials {
  readonly methods: readonly LoginMethod[];
  /** For people: "2 keys of the agent, /home/me/.ssh/id_rsa (SHA256:…)". */
  readonly offered: string;
  /** Where that was refused: further keys, once their passphrases are known; undefined: there are none. */
  readonly unlock?: (() => Promise<Credentials>) | undefined;
}

/**
 * Reads what there is to log in with: the agent's keys, those of the wanted files first, then the files.
 *
 * A passphrase is asked for only when nothing else is left to try.
 *
 * @throws HostError where there is no key at all
 */
export async function readCredentials(login: Hop, options: CredentialOptions): Promise<Credentials> {
  const files = await Promise.all(login.address.keyFiles.map(readKey));
  for (const read of files) {
    const exposed = read.state === "unusable" ? undefined : whyExposed(read.file, read.mode);
    if (exposed !== undefined) options.warn(exposed.message);
  }
  const agent = await askAgent(options, (held) => files.some(({ blob }) => blob?.equals(held)));
  const own = files.filter(({ blob }) => agent?.blobs.some((held) => blob?.equals(held)) !== true);
  const ready = own.filter((file) => file.state === "ready");
  const encrypted = own.filter((file) => file.state === "encrypted");
  const unusable = own.filter((file) => file.state === "unusable");
  const { user } = login.address;
  const held = agent?.blobs.length ?? 0;
  const first = offerAll([
    ...(agent === undefined || held === 0
      ? []
      : [{ shown: `${held} ${held === 1 ? "key" : "keys"} from the agent`, method: agent.method(user) }]),
    ...unusable.map((file) => ({ shown: `unusable: ${describeUnusable(login.name, file)}` })),
    ...ready.map(({ file, key }) => offerKey(user, file, key)),
  ]);
  const unlock = async () => {
    const offers: Offer[] = first.offered === "" ? [] : [{ shown: first.offered }];
    // One after the other: each may ask the user.
    for (const file of encrypted) {
      offers.push(offerKey(user, file.file, await unlocked(login.name, file, options)));
    }
    return offerAll(offers);
  };
  if (first.methods.length > 0) return { ...first, unlock: encrypted.length === 0 ? undefined : unlock };
  if (encrypted.length > 0) return unlock();
  if (unusable[0] !== undefined) throw refuseKey(login.name, unusable[0]);
  const message = `There is no key to log in to ${login.name}: no key file is named, and no ssh-agent holds a key. Name a key file, or add a key to the agent: ssh-add`;
  throw new HostError({ code: "key-unreadable", host: login.name, message });
}

/** What is tried, or why a file gives nothing to try, for people. */
interface Offer {
  readonly shown: string;
  readonly method?: LoginMethod;
}

function offerKey(user: string, file: string, key: PrivateKey): Offer {
  return { shown: `${file} (${formatFingerprint(key.blob)})`, method: key.method(user) };
}

function offerAll(offers: readonly Offer[]): Credentials {
  return {
    methods: offers.flatMap(({ method }) => method ?? []),
    offered: offers.map(({ shown }) => shown).join(", "),
  };
}

type Encrypted = Extract<KeyFileReading, { state: "encrypted" }>;

/** What came of asking; "unanswered" where there is nobody to ask. */
type Answer = KeyReading | { readonly state: "unanswered" };

/**
 * Keys that were unlocked or are being asked for, of this process: one question for all hosts that want the key.
 * By file and content.
 */
const answers = new Map<string, Promise<Answer>>();
const triesOfPassphrase = 3;

async function unlocked(host: string, file: Encrypted, options: CredentialOptions): Promise<PrivateKey> {
  const answer = await askOnce(file, options);
  if (answer.state === "ready") return answer.key;
  if (answer.state === "invalid")
    throw refuseKey(host, { file: file.file, code: "key-invalid", why: answer.why });
  const add = `add it to the agent: ${formatArgv(["ssh-add", file.file])}`;
  const key = `key ${file.file} for ${host}`;
  if (answer.state === "unanswered") {
    const message = `The ${key} is encrypted, and there is no terminal to ask for its passphrase. Run the command on a terminal, or ${add}`;
    throw new HostError({ code: "key-encrypted", host, message });
  }
  const message = `The passphrase of the ${key} was wrong. Try again, or ${add}`;
  throw new HostError({ code: "key-passphrase", host, message });
}

function askOnce(file: Encrypted, options: CredentialOptions): Promise<Answer> {
  const name = `${formatFingerprint(file.content)} ${file.file}`;
  const before = answers.get(name);
  if (before !== undefined) return before;
  // After the questions that are open: two at once would mix on the terminal.
  const open = Promise.allSettled(answers.values());
  const answer = open.then(() => ask(file, options));
  answers.set(name, answer);
  const forget = () => answers.delete(name);
  answer.then(({ state }) => state === "ready" || forget(), forget);
  return answer;
}

async function ask({ file, content }: Encrypted, options: CredentialOptions): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const passphrase = await options.passphrase(file);
    if (passphrase === undefined) return { state: "unanswered" };
    const reading = readPrivateKey(content, passphrase);
    if (reading.state === "ready" || reading.state === "invalid" || tries === triesOfPassphrase)
      return reading;
    options.warn(`Wrong passphrase for ${file}.`);
  }
}

async function askAgent(options: CredentialOptions, preferred: (blob: Buffer) => boolean) {
  if (options.agentSocket === undefined || options.agentSocket === "") return undefined;
  try {
    return await readAgent(options.agentSocket, preferred);
  } catch (error) {
    options.warn(`The ssh-agent at ${options.agentSocket} does not answer: ${describeError(error)}.`);
    return undefined;
  }
}

type Unusable = Pick<Extract<KeyFileReading, { state: "unusable" }>, "file" | "code" | "why">;

function describeUnusable(host: string, { file, why }: Unusable): string {
  return `The key ${file} for ${host} ${why}`;
}

function refuseKey(host: string, key: Unusable): HostError {
  const message = `${describeUnusable(host, key)}. Name another key (MYSTICETI_NODE…_SSH_KEY), or add a key to the agent: ssh-add`;
  return new HostError({ code: key.code, host, message });
}

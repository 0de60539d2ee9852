import { describeError } from "../../../core/errors.ts";
import { formatArgv } from "../../../core/process/command.ts";
import { type Hop, SshError } from "../errors.ts";
import {
  blobOf,
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
  /** Where that was refused: further keys, once their passphrases are known. undefined where there are none. */
  readonly unlock: (() => Promise<Credentials>) | undefined;
}

type KeyFile =
  | Exclude<KeyFileReading, { readonly state: "unusable" }>
  | { readonly file: string; readonly state: "unusable"; readonly error: SshError };

/**
 * Reads what there is to log in with: the agent's keys, those of the wanted files first, then the files.
 *
 * A passphrase is asked for only when nothing else is left to try.
 *
 * @throws SshError where there is no key at all
 */
export async function readCredentials(login: Hop, options: CredentialOptions): Promise<Credentials> {
  const files = await Promise.all(
    login.address.keyFiles.map((file) => readKeyFile(login.name, file, options)),
  );
  const blobs = files.map(blobOf).filter((blob) => blob !== undefined);
  const agent = await askAgent(options, (blob) => blobs.some((own) => own.equals(blob)));
  const isInAgent = (file: KeyFile) => agent?.blobs.some((blob) => blobOf(file)?.equals(blob)) ?? false;
  const own = files.filter((file) => !isInAgent(file));
  const ready = own.filter((file) => file.state === "ready");
  const encrypted = own.filter((file) => file.state === "encrypted");
  const unusable = own.filter((file) => file.state === "unusable");
  const hasAgent = agent !== undefined && agent.blobs.length > 0;
  const first = offer(login.address.user, {
    methods: hasAgent ? [agent.method(login.address.user)] : [],
    texts: [
      ...(hasAgent
        ? [`${agent.blobs.length} ${agent.blobs.length === 1 ? "key" : "keys"} from the agent`]
        : []),
      ...unusable.map(({ error }) => `unusable: ${error.message.split(". ")[0]}`),
    ],
    keys: ready,
  });
  const unlock = async () => unlockAll(login, { encrypted, first, options });
  if (first.methods.length > 0) return { ...first, unlock: encrypted.length === 0 ? undefined : unlock };
  if (encrypted.length > 0) return unlock();
  if (unusable[0] !== undefined) throw unusable[0].error;
  const message = `There is no key to log in to ${login.name}: no key file is named, and no ssh-agent holds a key. Name a key file, or add a key to the agent: ssh-add`;
  throw new SshError({ code: "key-unreadable", host: login.name, message });
}

function offer(
  user: string,
  parts: {
    methods: readonly LoginMethod[];
    texts: readonly string[];
    keys: readonly { file: string; key: PrivateKey }[];
  },
): Credentials {
  const { methods, texts, keys } = parts;
  return {
    methods: [...methods, ...keys.map(({ key }) => key.method(user))],
    offered: [...texts, ...keys.map(({ file, key }) => `${file} (${formatFingerprint(key.blob)})`)].join(
      ", ",
    ),
    unlock: undefined,
  };
}

type Encrypted = Extract<KeyFile, { state: "encrypted" }>;

async function unlockAll(
  login: Hop,
  context: { encrypted: readonly Encrypted[]; first: Credentials; options: CredentialOptions },
): Promise<Credentials> {
  const { encrypted, first, options } = context;
  const keys: { file: string; key: PrivateKey }[] = [];
  // One after the other: each may ask the user.
  for (const file of encrypted)
    keys.push({ file: file.file, key: await unlocked(login.name, file, options) });
  const texts = first.offered === "" ? [] : [first.offered];
  return offer(login.address.user, { methods: [], texts, keys });
}

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
  if (answer.state === "invalid") throw invalid(host, file.file, answer.why);
  const add = `add it to the agent: ${formatArgv(["ssh-add", file.file])}`;
  const key = `key ${file.file} for ${host}`;
  throw answer.state === "unanswered"
    ? new SshError({
        code: "key-encrypted",
        host,
        message: `The ${key} is encrypted, and there is no terminal to ask for its passphrase. Run the command on a terminal, or ${add}`,
      })
    : new SshError({
        code: "key-passphrase",
        host,
        message: `The passphrase of the ${key} was wrong. Try again, or ${add}`,
      });
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

async function readKeyFile(host: string, file: string, options: CredentialOptions): Promise<KeyFile> {
  const reading = await readKey(file);
  if (reading.state === "unusable") {
    const { code, why } = reading;
    const message = `The key ${file} for ${host} ${why}. ${otherKeyRemedy}`;
    return { file, state: "unusable", error: new SshError({ code, host, message }) };
  }
  const exposed = whyExposed(file, reading.mode);
  if (exposed !== undefined) options.warn(exposed.message);
  return reading;
}

const otherKeyRemedy = "Name another key (MYSTICETI_NODE…_SSH_KEY), or add a key to the agent: ssh-add";

function invalid(host: string, file: string, why: string): SshError {
  const message = `The key ${file} for ${host} ${why}. ${otherKeyRemedy}`;
  return new SshError({ code: "key-invalid", host, message });
}

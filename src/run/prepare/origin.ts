/**
 * Whether a bundle was made here. What a bundle names as programs runs as whoever resumes it, so it must be what they
 * named themselves: the parameters carry a mark (HMAC-SHA256) made with a key that stays in the user's state folder.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { listIn, tableIn, textIn, textsIn } from "../../core/documents/loose.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { readBounded } from "../../core/documents/read-bounded.ts";
import { unlessAbsent } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import { linkNew } from "../../core/process/lock.ts";
import { writeFileAtomically } from "../../results/bundle/files/atomic-file.ts";
import { readBundleText } from "../../results/bundle/files/bundle-file.ts";
import { buildParametersJson } from "../../results/schema/parameters.ts";

/** Hidden, as it is no result: no manifest lists it. */
const markFile = ".made-here";
const keyBytes = 32;

/** Marks bundles, and knows the marked ones again. */
export interface BundleOrigin {
  /** @throws BundleWriteError; the system's error where there is no key and none can be made */
  readonly mark: (folder: string, parameters: SweepParameters) => Promise<void>;
  /** Whether this user made a bundle with these parameters, with this state folder. @param document as it was read */
  readonly isOwn: (folder: string, document: unknown) => Promise<boolean>;
}

export function openOrigin(stateDir: string): BundleOrigin {
  const path = join(stateDir, "bundle-key");
  const readKey = async () => await unlessAbsent(readBounded(path));
  const markOf = (key: Buffer, document: unknown) =>
    createHmac("sha256", key).update(JSON.stringify(document)).digest();
  return {
    mark: async (folder, parameters) => {
      const key = (await readKey()) ?? (await makeKey(stateDir, path));
      // As it is written, and read again.
      const document: unknown = JSON.parse(formatJson(buildParametersJson(parameters)));
      await writeFileAtomically(join(folder, markFile), `${markOf(key, document).toString("hex")}\n`);
    },
    isOwn: async (folder, document) => {
      const [key, text] = await Promise.all([
        readKey(),
        unlessAbsent(readBundleText(join(folder, markFile), { largestBytes: 1024 })),
      ]);
      if (key?.length !== keyBytes || text === undefined) return false;
      const [own, found] = [markOf(key, document), Buffer.from(text.trim(), "hex")];
      return own.length === found.length && timingSafeEqual(own, found);
    },
  };
}

/** Of two who make one, the first one's is taken; nobody ever reads half of it. */
async function makeKey(stateDir: string, path: string): Promise<Buffer> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.new`;
  await writeFile(draft, randomBytes(keyBytes), { mode: 0o600, flag: "wx" });
  try {
    await linkNew(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return await readBounded(path);
}

/** What parameters name that runs, a line each; none where nodes run Baleen's own or the user's usual program. */
export function namedPrograms({
  protocol,
  program,
  dockerComposePath,
}: Pick<SweepParameters, "protocol" | "program" | "dockerComposePath">): readonly string[] {
  return [
    ...listIn(protocol.described?.definition, "nodes").map(describeGroup),
    ...(program?.path === undefined ? [] : [`node program ${formatArgv([program.path])}`]),
    ...(program?.image === undefined ? [] : [`image ${formatArgv([program.image])}`]),
    ...(dockerComposePath === undefined ? [] : [`compose file ${formatArgv([dockerComposePath])}`]),
  ];
}

/** "member: A=1 etcd --name x, in image quay.io/etcd, with the files a.json, b.sh". */
function describeGroup(group: unknown): string {
  const program = tableIn(group, "program");
  const [binary, image] = [textIn(program, "binary"), textIn(program, "image")];
  const entrypoint = textsIn(program, "entrypoint");
  const argv = [
    ...Object.entries(tableIn(group, "environment")).map(([name, value]) => `${name}=${String(value)}`),
    ...(binary === undefined ? entrypoint : [binary]),
    ...listIn(group, "command").map(String),
  ];
  const files = listIn(group, "files").flatMap((file) => textIn(file, "path") ?? []);
  return [
    `${textIn(group, "role") ?? ""}: ${formatArgv(argv)}`,
    ...(image === undefined ? [] : [`in image ${formatArgv([image])}`]),
    ...(files.length === 0 ? [] : [`with the files ${formatArgv(files)}`]),
  ].join(", ");
}

/** Packs page, peer library and routines into one script for browsers. */
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describeError } from "../../../core/errors.ts";
import { type LocatedLibrary, PeerLibraryError } from "./peer-library.ts";

/** The part of rolldown that is used: it is installed with the library, not with this package. */
interface Bundler {
  readonly rolldown: (options: object) => Promise<{
    generate(options: object): Promise<{ readonly output: readonly { readonly code?: string }[] }>;
    close(): Promise<void>;
  }>;
}

export interface BundleParts {
  /** Folder whose node_modules has the bundler. */
  readonly installed: string;
  readonly library: LocatedLibrary;
  /** Modules that export `createRoutine`; the name of a file, without its extension, is that of its routine. */
  readonly routineFiles: readonly string[];
}

const entryName = "baleen:client";
const routineName = /^[\w-]{1,64}$/;

/** @returns an ES module that imports nothing @throws PeerLibraryError where something cannot be packed */
export async function bundleClient({ installed, library, routineFiles }: BundleParts): Promise<string> {
  const { rolldown } = await loadBundler(installed);
  const entry = writeEntry(library, routineFiles);
  const problems: string[] = [];
  const failure = (reason: string, cause?: unknown) =>
    new PeerLibraryError(`Cannot pack ${library.name} for a browser: ${reason}`, { cause });
  let script: string;
  try {
    const bundle = await rolldown({
      input: entryName,
      platform: "browser",
      resolve: { alias: library.aliases },
      transform: { define: { global: "globalThis" } },
      plugins: [
        {
          name: "baleen-entry",
          resolveId: (id: string) => (id === entryName ? id : null),
          load: (id: string) => (id === entryName ? entry : null),
        },
      ],
      onLog: (level: string, log: { readonly code?: string; readonly message: string }) => {
        // A page cannot load what would be left out, such as a module of Node.js.
        if (log.code === "UNRESOLVED_IMPORT" || level === "error") problems.push(plainText(log.message));
      },
    });
    try {
      const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
      script = output[0]?.code ?? "";
    } finally {
      await bundle.close();
    }
  } catch (cause) {
    throw failure(plainText(describeError(cause)), cause);
  }
  if (problems.length > 0) throw failure(problems.join("; "));
  return script;
}

/** What the bundler says, without colours and the drawing of the place in the source that follows. */
function plainText(message: string): string {
  const lines = stripVTControlCharacters(message).split("\n");
  const drawing = lines.findIndex((line) => line.trimStart().startsWith("╭"));
  const said = lines.slice(0, drawing === -1 ? undefined : drawing).map((line) => line.trim());
  return said.filter((line) => line !== "").join(" ");
}

async function loadBundler(installed: string): Promise<Bundler> {
  const file = createRequire(join(installed, "package.json")).resolve("rolldown");
  return (await import(pathToFileURL(file).href)) as Bundler;
}

function writeEntry(library: LocatedLibrary, routineFiles: readonly string[]): string {
  // Beside this module in sources and in what is compiled from them.
  const extension = extname(fileURLToPath(import.meta.url));
  const page = (path: string) =>
    JSON.stringify(fileURLToPath(new URL(`../browser/${path}${extension}`, import.meta.url)));
  const routines = routineFiles.map((file, index) => {
    const name = basename(file, extname(file));
    if (!routineName.test(name))
      throw new PeerLibraryError(`${file}: the name of a routine has letters and digits`);
    return { name, file, variable: `routine${index}` };
  });
  const from = JSON.stringify(library.entry);
  return [
    `import { start } from ${page("main")};`,
    ...(library.isCatalystPeer
      ? [
          `import * as catalyst from ${from};`,
          `import { catalystPeer } from ${page("libraries/catalyst-peer")};`,
          "const peerLibrary = catalystPeer(catalyst);",
        ]
      : [`import { peerLibrary } from ${from};`]),
    ...routines.map(
      ({ variable, file }) => `import { createRoutine as ${variable} } from ${JSON.stringify(file)};`,
    ),
    `const routines = { ${routines.map(({ name, variable }) => `${JSON.stringify(name)}: ${variable}`).join(", ")} };`,
    "await start({ library: peerLibrary, routines });",
  ].join("\n");
}

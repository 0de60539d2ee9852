import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { record } from "../../core/documents/form.ts";
import { count, documentForm, list, text } from "../../core/documents/form-values.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { writing } from "./write-error.ts";

export const manifestName = "manifest.json";
export const manifestSchema = "baleen.manifest/1";

const file = record("One file.", {
  path: text("Its path in the bundle, with forward slashes."),
  sizeBytes: count("Its size."),
  sha256: text("Its SHA-256, in hex."),
});

export const manifestForm = documentForm(manifestSchema, "Every file of a bundle but the manifest.", {
  files: list("By path.", file),
});

/** SHA-256 of a file, in hex. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function listFiles(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== join(folder, manifestName))
    .sort();
  const files = [];
  for (const path of paths) {
    files.push({
      path: relative(folder, path).split(sep).join("/"),
      sizeBytes: (await stat(path)).size,
      sha256: await hashFile(path),
    });
  }
  return files;
}

/**
 * Path (with forward slashes), size and SHA-256 of every file in a bundle but the manifest itself, by path. Hidden
 * files are left out: who holds the bundle, and what a killed process left half-written.
 *
 * @throws BundleWriteError where a file cannot be read
 */
export function buildManifest(folder: string) {
  return writing(join(folder, manifestName), async () =>
    writeForm(manifestForm, { files: await listFiles(folder) }),
  );
}

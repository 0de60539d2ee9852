import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { ImageError } from "../../../deploy/images/install.ts";
import { ownArchitecture } from "../../../deploy/images/node-runtime.ts";
import { describeImage } from "../../../deploy/images/own-image.ts";
import { chromiumDiagnostics, joiningProgram } from "../../../protocol/browsers/programs.ts";
import { writeFileAtomically } from "../../../results/bundle/files/atomic-file.ts";
import { formatBytes } from "../../../results/report/text/figures.ts";
import { processFacts } from "../../terminal/command-backend.ts";
import { type CommandContext, printFound } from "../../terminal/context.ts";

/**
 * Writes an image of `baleen browsers` with this machine's Chromium, for `docker load` and platforms that run containers.
 *
 * @throws ConfigurationError where there is no Chromium; ImageError where this machine's programs cannot be packed
 */
export async function writeBrowsersImage(file: string, context: CommandContext): Promise<0> {
  const { terminal, settings, env, signal } = context;
  const diagnostics = chromiumDiagnostics(undefined);
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const path = resolve(file);
  if (!settings.quiet) terminal.note(`Packing Chromium and baleen browsers into ${formatForeign(path)} …`);
  const { nodeBinary } = processFacts(env);
  const target = { os: "linux", arch: ownArchitecture() };
  const image = await describeImage(joiningProgram(), target, { nodeBinary, env, signal });
  if ("reason" in image) throw new ImageError(`Cannot pack the image: ${image.reason}.`);
  // The fastest level: slower ones gain a few percent.
  const zip = createGzip({ level: 1 });
  await Promise.all([pipeline(image.pack(), zip, { signal }), writeFileAtomically(path, zip)]);
  const { size } = await stat(path);
  const digest = image.contentDigest;
  const document = {
    schema: "baleen.browsers-image/1",
    file: path,
    bytes: size,
    architecture: target.arch,
    digest,
  };
  printFound(
    context,
    () => document,
    `${formatForeign(path)} (${formatBytes(size)}, ${target.os}/${target.arch})`,
  );
  return 0;
}

import { describeError } from "../../core/errors.ts";
import { packTar, type TarEntry } from "../images/tar.ts";
import { type BaseImageRequest, ensureBaseImage } from "./base-image.ts";
import { TestbedError } from "./docker-command.ts";
import { buildRecipe } from "./recipe.ts";

const repository = "baleen/testhost";

/**
 * Ensures that the engine has the image of a test host, named by the hash of its recipe.
 *
 * @param request.docker with an engine inside
 * @returns its name, "baleen/testhost:0123456789abcdef"
 */
export async function ensureHostImage(
  request: BaseImageRequest & { readonly docker: boolean },
): Promise<string> {
  const { engine, onStep, signal, docker } = request;
  const name = hostImageName({ docker });
  if ((await engine.inspectImage(name)) !== undefined) return name;
  const { files } = buildRecipe(await ensureBaseImage(request), { docker });
  const context = Object.entries(files).map(
    ([path, text]): TarEntry => ({ path, mode: 0o644, content: { kind: "text", text } }),
  );
  onStep("building the image", name);
  const output: string[] = [];
  try {
    const id = await engine.buildImage(packTar(context), { onProgress: (line) => output.push(line), signal });
    await engine.tagImage(id, repository, name.slice(repository.length + 1));
    return name;
  } catch (cause) {
    signal.throwIfAborted();
    const tail = output.join("\n").trim().split("\n").slice(-5).join(" | ");
    throw new TestbedError(
      `Cannot build the image of a test host: ${describeError(cause)} (${tail}). ` +
        "It installs packages from Debian: look at the engine's way to the network.",
      { cause },
    );
  }
}

/** What it is built on is not part of the name: it is the same system from either source. */
export function hostImageName({ docker }: { readonly docker: boolean }): string {
  return `${repository}:${buildRecipe("", { docker }).tag}`;
}

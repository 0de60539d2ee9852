import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeProgram } from "../../src/contracts/deployment.ts";
import { cacheLabel, removeCachedImages } from "../../src/deploy/engine/ownership.ts";
import { ensureImage, type ImageRequest } from "../../src/deploy/images/image.ts";
import {
  deployerOf,
  docker,
  dockerCommand,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { planTinyNodes, tinyNode } from "../deploy/tiny-plan.ts";

function requestOf(run: TestRun, program: NodeProgram): ImageRequest {
  const onStep = (step: string, detail = "") => run.steps.push(`${step}: ${detail}`);
  const { id, signal } = run;
  return { program, nodeBinary: process.execPath, env: docker().env, run: id, onStep, signal };
}

async function writeProgram(run: TestRun, text: string): Promise<NodeProgram> {
  const root = join(run.folder, "program");
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "main.mjs"), text);
  return { kind: "node-program", name: `test-${run.id.toLowerCase()}`, root, entry: "main.mjs", include: [] };
}

describe.skipIf(whyNoDocker !== undefined)(`images ${whyNoDocker ?? ""}`, () => {
  test("are built once for the same content, and anew for another", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const program = await writeProgram(run, "console.log('one', process.env.NODE_ENV)");
    const first = await ensureImage(engine, requestOf(run, program));
    expect(run.steps).toEqual([`building the image: ${first}`]);
    expect(await ensureImage(engine, requestOf(run, program))).toBe(first);
    expect(run.steps).toHaveLength(1);
    expect((await engine.inspectImage(first))?.labels).toMatchObject({ [cacheLabel]: program.name });
    expect(await dockerCommand("run", "--rm", "--read-only", "--cap-drop=ALL", first)).toBe("one production");

    await writeProgram(run, "console.log('two')");
    const second = await ensureImage(engine, requestOf(run, program));
    expect(second).not.toBe(first);
    expect(await dockerCommand("run", "--rm", second)).toBe("two");
    await dockerCommand("rmi", first, second);
  });

  test("are built upon a base image where our own Node.js cannot be used", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    // Any image with Node.js at its usual place serves as the registry's; PATH without ldd hides our own libraries.
    const baseImage = await ensureImage(engine, requestOf(run, tinyNode));
    const program = await writeProgram(run, "console.log(process.getuid(), process.cwd())");
    const env = { ...docker().env, PATH: "/nowhere" };
    const image = await ensureImage(engine, { ...requestOf(run, program), env, baseImage });
    expect(await dockerCommand("run", "--rm", image)).toBe("1000 /home/node");
    await dockerCommand("rmi", image);
  });

  test("that cannot be made say why and what to do", async () => {
    await using run = await startTestRun();
    const program = await writeProgram(run, "");
    // No such registry answers on this machine.
    const baseImage = "127.0.0.1:1/no/such:image";
    const env = { ...docker().env, PATH: "/nowhere" };
    await expect(
      ensureImage(docker().engine, { ...requestOf(run, program), env, baseImage }),
    ).rejects.toMatchObject({
      code: "image",
      message: expect.stringMatching(
        /Docker could not pull image 127\.0\.0\.1:1\/no\/such:image: .*--runtime process/,
      ),
    });
  });

  test("whose Node.js does not start are not kept", async () => {
    await using run = await startTestRun();
    const program = await writeProgram(run, "");
    const { engine } = docker();
    const before = (await engine.listImages(cacheLabel)).length;
    // A binary of this machine that is no Node.js; and no base image to fall back to.
    const request = { ...requestOf(run, program), nodeBinary: "/bin/true", baseImage: "127.0.0.1:1/none:1" };
    await expect(ensureImage(engine, request)).rejects.toThrow(
      /node --version ended with exit code 0 in the image/,
    );
    expect((await engine.listImages(cacheLabel)).length).toBe(before);
  });

  test("a program that was not built is a fault", async () => {
    await using run = await startTestRun();
    const plan = planTinyNodes(1);
    const groups = plan.groups.map((group) => ({ ...group, program: { ...tinyNode, root: run.folder } }));
    const diagnostics = await deployerOf().check({ ...plan, groups }, run.signal);
    expect(diagnostics.filter(({ code }) => code === "program-file")).toEqual([
      { code: "program-file", message: expect.stringContaining("npm run build") },
    ]);
  });

  test("are removed on demand, except those in use and those of others", { tags: "full" }, async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const unused = await writeProgram(run, "// unused");
    const image = await ensureImage(engine, requestOf(run, unused));
    const used = await ensureImage(engine, requestOf(run, await writeProgram(run, "// in use")));
    // An image that lost its name, as a build that was given up leaves one.
    const nameless = await ensureImage(engine, requestOf(run, await writeProgram(run, "// nameless")));
    const namelessId = (await engine.inspectImage(nameless))?.id ?? "";
    await dockerCommand("tag", image, nameless);
    const named = `kept-${run.id.toLowerCase()}:1`;
    await dockerCommand("tag", image, named);
    const container = await dockerCommand("create", used);
    try {
      // Those of this program alone: others take long to make again.
      const { removed, inUse } = await removeCachedImages(engine, `${cacheLabel}=${unused.name}`);
      expect(removed).toEqual(expect.arrayContaining([image, nameless, namelessId]));
      expect(inUse).toContain(used);
      expect(await engine.inspectImage(image)).toBeUndefined();
      expect(await engine.inspectImage(named)).toBeDefined();
    } finally {
      await dockerCommand("rm", container);
      await dockerCommand("rmi", used, named);
    }
  });
});

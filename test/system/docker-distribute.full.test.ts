import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { cacheLabel } from "../../src/deploy/engine/ownership.ts";
import {
  type DistributionStep,
  distributeImage,
  type ImageSource,
} from "../../src/deploy/images/distribute.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import { packTar } from "../../src/deploy/images/tar.ts";
import { docker, dockerCommand, startTestRun, type TestRun } from "../deploy/real-engine.ts";
import { prepareReady, requestSmallArchive } from "../deploy/small-archive.ts";
import { engineSocket, openStreamEngine, whyNoStreams } from "../deploy/stream-engine.ts";
import { tinyNode } from "../deploy/tiny-plan.ts";

/** A program of the test's own, with this machine's Node.js. */
async function requestArchive(run: TestRun) {
  const request = await requestSmallArchive(
    run.folder,
    "console.log('here', process.getuid())",
    process.execPath,
  );
  return { ...request, program: { ...request.program, name: run.id.toLowerCase() } };
}

/** Puts it on hosts, which share this machine's engine; the steps of each. */
async function distribute(run: TestRun, source: ImageSource, count: 1 | 2 = 2) {
  const steps: Record<string, DistributionStep[]> = count === 1 ? { host0: [] } : { host0: [], host1: [] };
  const onProgress = (host: string, step: DistributionStep) => steps[host]?.push(step);
  using first = await openStreamEngine(engineSocket, "host0");
  using second = await openStreamEngine(engineSocket, "host1");
  const hosts = [
    { name: "host0", engine: first.engine },
    { name: "host1", engine: second.engine },
  ];
  const name = await distributeImage(hosts.slice(0, count), source, {
    run: run.id,
    signal: run.signal,
    onProgress,
  });
  return { name, steps };
}

describe.skipIf(whyNoStreams !== undefined)(`images on hosts ${whyNoStreams ?? ""}`, () => {
  test("an archive is sent once, starts there, and is not sent again", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const archive = await prepareReady(await requestArchive(run));
    const { name, steps } = await distribute(run, { kind: "archive", archive });
    try {
      for (const reported of Object.values(steps)) {
        const sent = reported.flatMap((step) => (step.kind === "sent" ? [step.sentBytes] : []));
        expect(sent.length).toBeGreaterThan(10);
        expect(sent).toEqual([...sent].sort((a, b) => a - b));
        expect(sent.at(-1)).toBe(archive.sizeBytes);
        expect(reported.at(-1)).toEqual({ kind: "verified" });
      }
      const image = await engine.inspectImage(name);
      expect(image).toMatchObject({
        contentDigest: archive.contentDigest,
        os: "linux",
        architecture: archive.architecture,
        labels: { [cacheLabel]: run.id.toLowerCase() },
      });
      expect(await dockerCommand("run", "--rm", "--read-only", "--cap-drop=ALL", name)).toBe("here 1000");
      const again = await distribute(run, { kind: "archive", archive });
      expect(again).toEqual({ name, steps: { host0: [{ kind: "present" }], host1: [{ kind: "present" }] } });
      // It is the very image that a local network would use.
      const request = { ...(await requestArchive(run)), run: run.id, onStep: () => {} };
      expect(await ensureImage(engine, request)).toBe(name);
    } finally {
      await engine.removeImage(name);
    }
  });

  test("what an engine has is saved once, and is the same where it arrives", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const name = `${run.id.toLowerCase()}:kept`;
    const files = join(run.folder, "files.tar");
    const content = { kind: "text", text: "x".repeat(1_000_000) } as const;
    await pipeline(packTar([{ path: "file", mode: 0o644, content }]), createWriteStream(files));
    await dockerCommand("import", "--change", "CMD /file", files, name);
    expect(await distribute(run, { kind: "engine", engine, name })).toMatchObject({
      name,
      steps: { host0: [{ kind: "present" }] },
    });
    // An engine that has it while the hosts, which are the same one, do not.
    const saved = join(run.folder, "saved.tar");
    await pipeline(await engine.saveImage(name, run.signal), createWriteStream(saved));
    const info = await engine.inspectImage(name);
    await engine.removeImage(name);
    const other = {
      ...engine,
      inspectImage: async () => info,
      saveImage: async () => createReadStream(saved),
    };
    try {
      const { steps } = await distribute(run, { kind: "engine", engine: other, name });
      expect(steps.host1?.at(-1)).toEqual({ kind: "verified" });
      expect((await engine.inspectImage(name))?.contentDigest).toBe(info?.contentDigest);
    } finally {
      await engine.removeImage(name);
    }
  });

  test("an image that is nowhere, or in no registry that answers, is named", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const missing = distribute(run, { kind: "engine", engine, name: "no/such:image" });
    await expect(missing).rejects.toThrow(/has no image no\/such:image/);
    const pulled = distribute(run, { kind: "pull", name: "127.0.0.1:1/no/such:image" });
    await expect(pulled).rejects.toMatchObject({
      code: "image-distribution",
      message: expect.stringMatching(/^Cannot put image 127\.0\.0\.1:1\/no\/such:image on host[01]: /),
    });
  });

  test("hosts build it upon a base image where no archive can be made here", async () => {
    await using run = await startTestRun();
    const { engine, env } = docker();
    const whole = { nodeBinary: process.execPath, env, run: run.id };
    const onStep = () => {};
    const baseImage = await ensureImage(engine, { ...whole, program: tinyNode, onStep, signal: run.signal });
    const { program } = await requestArchive(run);
    const request = { ...whole, program, env: { ...env, PATH: "/nowhere" }, baseImage };
    // Two builds of the same on one engine would leave one without a name.
    const { name, steps } = await distribute(run, { kind: "build", request }, 1);
    try {
      expect(await dockerCommand("run", "--rm", name)).toBe("here 1000");
      expect(steps.host0?.map(({ kind }) => kind)).toContain("verified");
    } finally {
      await engine.removeImage(name);
    }
  });
});

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ImageArchive } from "../../../src/deploy/images/archive.ts";
import {
  type DistributionStep,
  distributeImage,
  type ImageTarget,
} from "../../../src/deploy/images/distribute.ts";
import { ownArchitecture, prepareReady, requestSmallArchive } from "../small-archive.ts";
import { openStreamEngine } from "../stream-engine.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-dist-"));
});
afterEach(() => rm(folder, { recursive: true }));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const json =
  (status: number, value: object): Answer =>
  (request, response) => {
    request.resume();
    request.once("end", () =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value)),
    );
  };

interface StandIn extends ImageTarget, AsyncDisposable {
  /** "POST /images/load", in order. */
  readonly asked: string[];
}

/** A host whose engine does what the test says: a real one cannot be made to fail on demand. */
async function startHost(name: string, routes: Record<string, Answer>): Promise<StandIn> {
  const asked: string[] = [];
  const usual: Record<string, Answer> = {
    "GET /version": json(200, { Version: "1", ApiVersion: "1.41", Os: "linux", Arch: ownArchitecture }),
  };
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.split("?")[0]}`;
    asked.push(what);
    const route = { ...usual, ...routes }[what] ?? json(404, { message: "no such thing" });
    route(request, response);
  });
  const socketPath = join(folder, `${name}.sock`);
  server.listen(socketPath);
  await once(server, "listening");
  const host = await openStreamEngine(socketPath, name);
  return {
    name,
    engine: host.engine,
    asked,
    [Symbol.asyncDispose]: async () => {
      host.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function distribute(
  hosts: readonly ImageTarget[],
  archive: ImageArchive,
  more: { signal?: AbortSignal; stallMs?: number } = {},
) {
  const steps: [string, DistributionStep["kind"]][] = [];
  const onProgress = (host: string, step: DistributionStep) => steps.push([host, step.kind]);
  const options = { run: "test", signal: new AbortController().signal, onProgress, ...more };
  return { steps, done: distributeImage(hosts, { kind: "archive", archive }, options) };
}

describe.skipIf(platform() !== "linux")("putting an image on hosts (made on Linux only)", () => {
  test("a host that fails is named, and the others are given up", async () => {
    const archive = await prepareReady(await requestSmallArchive(folder, "one"));
    let givenUp = false;
    await using full = await startHost("host0", {
      "POST /images/load": json(500, { message: "no space left on device" }),
    });
    await using slow = await startHost("host1", {
      // It never answers.
      "POST /images/load": (request) => request.resume().socket.once("close", () => (givenUp = true)),
    });
    const { done } = distribute([slow, full], archive);
    await expect(done).rejects.toMatchObject({
      code: "image-distribution",
      host: "host0",
      message: expect.stringMatching(
        /^Cannot put image baleen\/small:[0-9a-f]{16} on host0: Docker could not load an image .*no space left on device$/,
      ),
    });
    expect(slow.asked).toContain("POST /images/load");
    await expect.poll(() => givenUp).toBe(true);
  });

  test("a host of another processor: nothing is sent to any", async () => {
    const archive = await prepareReady(await requestSmallArchive(folder, "one"));
    const foreign = { Version: "1", ApiVersion: "1.41", Os: "linux", Arch: "s390x" };
    await using other = await startHost("host1", { "GET /version": json(200, foreign) });
    await using own = await startHost("host0", {});
    const { done } = distribute([own, other], archive);
    await expect(done).rejects.toMatchObject({ host: "host1", message: expect.stringContaining("s390x") });
    expect([...own.asked, ...other.asked]).not.toContain("POST /images/load");
  });

  test("what arrives as something else is removed, and gets no name", async () => {
    const archive = await prepareReady(await requestSmallArchive(folder, "one"));
    const id = "sha256:0123";
    const image = {
      Id: id,
      Os: "linux",
      Architecture: ownArchitecture,
      Size: 1,
      RootFS: { Layers: ["sha256:4567"] },
      Config: {},
    };
    await using host = await startHost("host0", {
      "POST /images/load": json(200, { stream: `Loaded image ID: ${id}\n` }),
      [`GET /images/${id}/json`]: json(200, image),
      [`DELETE /images/${id}`]: json(200, []),
    });
    const { done, steps } = distribute([host], archive);
    await expect(done).rejects.toThrow(/on host0: image sha256:0123 is not the one that was sent/);
    expect(host.asked).toContain(`DELETE /images/${id}`);
    expect(host.asked.filter((what) => what.endsWith("/tag"))).toEqual([]);
    expect(steps.map(([, kind]) => kind)).not.toContain("verified");
  });

  test("a host that stops taking the image is given up", async () => {
    const request = await requestSmallArchive(folder, "one");
    // More than all buffers on the way hold, and it cannot be compressed.
    await writeFile(join(request.program.root, "lib", "big"), randomBytes(8_000_000));
    const archive = await prepareReady(request);
    await using host = await startHost("host0", { "POST /images/load": () => {} });
    const { done, steps } = distribute([host], archive, { stallMs: 300 });
    await expect(done).rejects.toThrow(/on host0: .* did not load an image: no answer in time\./);
    expect(steps.map(([, kind]) => kind)).toContain("sent");
  });

  test("what the caller ends ends with the caller's reason", async () => {
    const archive = await prepareReady(await requestSmallArchive(folder, "one"));
    const ended = new AbortController();
    await using host = await startHost("host0", {
      "POST /images/load": () => ended.abort(new Error("enough")),
    });
    await expect(distribute([host], archive, { signal: ended.signal }).done).rejects.toThrow(/^enough$/);
  });
});

describe("pulling", () => {
  const layers = (...Layers: string[]) => ({ RootFS: { Layers } });
  const image = (more: object) =>
    json(200, {
      Id: "sha256:89",
      Os: "linux",
      Architecture: ownArchitecture,
      Config: {},
      ...layers(),
      ...more,
    });
  const pull = (hosts: readonly ImageTarget[], name: string) => {
    const steps: DistributionStep[] = [];
    const options = {
      run: "test",
      signal: new AbortController().signal,
      onProgress: (_: string, step: DistributionStep) => steps.push(step),
    };
    return { steps, done: distributeImage(hosts, { kind: "pull", name }, options) };
  };

  test("every host does it itself; without a tag the latest is meant, not all", async () => {
    let query = "";
    await using host = await startHost("host0", {
      "POST /images/create": (request, response) => {
        query = request.url?.split("?")[1] ?? "";
        json(200, { status: "Pulling", id: "a1" })(request, response);
      },
      "GET /images/registry:5000/node/json": image({}),
    });
    const { steps, done } = pull([host], "registry:5000/node");
    expect(await done).toBe("registry:5000/node");
    expect(new URLSearchParams(query).get("fromImage")).toBe("registry:5000/node:latest");
    expect(steps).toEqual([{ kind: "step", line: "a1 Pulling" }, { kind: "verified" }]);
  });

  test("an image for another processor is refused", async () => {
    await using host = await startHost("host0", {
      "POST /images/create": json(200, {}),
      "GET /images/node:1/json": image({ Architecture: "s390x" }),
    });
    await expect(pull([host], "node:1").done).rejects.toThrow(/on host0: it is for s390x, but the host is/);
  });

  test("two images under one name are refused", async () => {
    const routes = (layer: string) => ({
      "POST /images/create": json(200, {}),
      "GET /images/node:1/json": image(layers(layer)),
    });
    await using one = await startHost("host0", routes("sha256:01"));
    await using other = await startHost("host1", routes("sha256:02"));
    await expect(pull([one, other], "node:1").done).rejects.toThrow(
      /^host0 and host1 pulled different images for node:1\./,
    );
    expect(await pull([one], "node:1").done).toBe("node:1");
  });
});

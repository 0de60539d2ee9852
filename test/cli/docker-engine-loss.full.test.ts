/** An engine that goes away, or falls silent, in the middle of a run: it is reached through a socket of the test's. */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  countLeftovers,
  engineVariables,
  nothing,
  openDockerSetting,
  whyNoDocker,
} from "./docker-setting.ts";

/** A socket that leads to the engine until it is cut. */
interface Lead {
  readonly open: () => Promise<void>;
  /** Hangs up on everybody, and answers nobody. */
  readonly cut: () => void;
}

function leadToEngine(path: string): Lead {
  const target = engineVariables().DOCKER_HOST?.replace(/^unix:\/\//, "") ?? "";
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  return {
    open: async () => {
      server = createServer({ allowHalfOpen: true }, (near) => {
        const far = connect({ path: target, allowHalfOpen: true });
        keep(near, far);
        keep(far, near);
      });
      server.listen(path);
      await once(server, "listening");
    },
    cut: () => {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const onSocket = engineVariablesOnSocket();
function engineVariablesOnSocket(): boolean {
  return whyNoDocker === undefined && engineVariables().DOCKER_HOST?.startsWith("unix://") === true;
}
const why = onSocket ? "" : (whyNoDocker ?? "the engine is not reached by a socket");

describe.skipIf(!onSocket)(`an engine that is lost ${why}`, () => {
  test("and comes back within the window: the run is as any other", async () => {
    await using setting = await openDockerSetting();
    const path = join(setting.home, "engine.sock");
    const lead = leadToEngine(path);
    await lead.open();
    const args = ["--loads=50", "--duration=4", "--warm-up=0", "--cleanup-thorough"];
    const command = setting.start("benchmark", args, { env: { DOCKER_HOST: `unix://${path}` } });
    await command.says("measuring");
    lead.cut();
    await lead.open();
    const { code, stderr } = await command.ended;
    lead.cut();
    expect([code, stderr.match(/^(error|warning):.*/gm)]).toEqual([0, null]);
    expect(await countLeftovers(setting.runOf(command))).toEqual(nothing);
  });

  test("and stays away: what was measured is kept, and how to remove the rest is said; exit 1", async () => {
    await using setting = await openDockerSetting();
    const path = join(setting.home, "engine.sock");
    const lead = leadToEngine(path);
    await lead.open();
    const args = ["--loads=50", "--duration=2", "--warm-up=0", "--cleanup-thorough"];
    const command = setting.start("benchmark", args, { env: { DOCKER_HOST: `unix://${path}` } });
    await command.says("measuring");
    lead.cut();
    const { code, stdout, stderr } = await command.ended;
    const run = setting.runOf(command);
    expect(code).toBe(1);
    expect(stdout).toContain("Successful Transactions: 100\n");
    const error = new RegExp(
      `^error: Cannot remove what run ${run} created: No Docker engine answers at .*Try again with: (npx baleen clean --run ${run})`,
      "m",
    );
    expect(stderr).toMatch(error);
    await setting.expectNothingLeft();
    expect((await setting.follow(error.exec(stderr)?.[1] ?? "").ended).code).toBe(0);
    expect(await countLeftovers(run)).toEqual(nothing);
  });
});

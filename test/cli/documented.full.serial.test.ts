/** The commands of README.md and docs/, each as it stands there, with overrides that make it short. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Session, sessions } from "../docs/documented.ts";
import { codeBlocks, wordsOf } from "../docs/pages.ts";
import { anvil, whyNoAnvil } from "../protocol/ethereum/anvil.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { whyNoEtcd } from "../support/etcd.ts";
import { findGoProgram } from "../support/go-programs.ts";
import { buildLibp2p, whyNoLibp2p } from "../support/libp2p.ts";
import { openDockerSetting, whyNoDocker } from "./docker-setting.ts";
import { expectSaid, furnish, runSession, shownFile } from "./documented-session.ts";
import { shareLibraries } from "./peer-library-cache.ts";
import { openSetting } from "./setting.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cometbft = findGoProgram("cometbft");
const whyNot = {
  cometbft: cometbft.whyNot,
  anvil: whyNoAnvil,
  etcd: whyNoEtcd,
  libp2p: whyNoLibp2p,
  chromium: whyNoChromium,
};
const programs = { "go/bin/cometbft": cometbft.path, ".foundry/bin/anvil": anvil };

const titled = (on: Session["on"]) =>
  sessions
    .filter((session) => session.on === on)
    .map((session) => {
      const why = session.needs === undefined ? undefined : whyNot[session.needs];
      const title = `${session.commands.map(({ line }) => line).join("; ")} ${why ?? ""}`;
      return { session, why, title };
    });

/** Of one session, on a machine that is busy with other things. */
const timeout = 400_000;

describe.concurrent("on processes", { timeout }, () => {
  for (const { session, why, title } of titled("processes")) {
    test.skipIf(why !== undefined)(title, async () => {
      await using setting = await openSetting();
      if (session.needs === "libp2p") await buildLibp2p();
      if (session.needs === "chromium") await shareLibraries(setting, ["@dcl/catalyst-peer@1.0.4"]);
      await furnish(setting, programs);
      await runSession(setting, session);
    });
  }

  test("files that pages show are right", async () => {
    await using setting = await openSetting();
    const shows = codeBlocks("docs/remote.md").find(({ text }) => text.startsWith("$ cat hosts.env"));
    const lines = shows?.text.split("\n").filter((line) => /^[A-Z]/.test(line)) ?? [];
    const files = {
      "hosts.env": lines.join("\n"),
      "hosts.yaml": shownFile("docs/remote.md", "hosts:") + shownFile("docs/remote.md", "clients:"),
      "day.yaml": shownFile("docs/load.md", "# day.yaml"),
      "bench.yaml": shownFile("docs/configuration.md", "# yaml-language-server"),
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(setting.home, name), text);
      const { code, stdout, stderr } = await setting.start("baleen", ["validate", name]).ended;
      expect([name, code, stderr]).toEqual([name, 0, ""]);
      expect(stdout).toContain(name);
    }
  });
});

describe.skipIf(whyNoDocker !== undefined)(`on containers ${whyNoDocker ?? ""}`, () => {
  for (const { session, title } of titled("docker")) {
    test(title, async () => {
      await using setting = await openDockerSetting();
      await runSession(setting, session);
    });
  }
});

describe("in the project's folder", () => {
  for (const { session, title } of titled("project")) {
    test(title, async () => {
      const folder = await mkdtemp(join(tmpdir(), "baleen-project-"));
      try {
        for (const command of session.commands) {
          const [program = "", ...args] = wordsOf(command.line);
          const env = {
            ...process.env,
            XDG_STATE_HOME: join(folder, "state"),
            BALEEN_OUTPUT_DIR: join(folder, "benchmarks"),
          };
          const { stdout, stderr } = await promisify(execFile)(program, [...args, ...(command.more ?? [])], {
            cwd: root,
            env,
          });
          expectSaid(command, { code: 0, stdout, stderr });
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});

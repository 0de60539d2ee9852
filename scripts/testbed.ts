// Until the command line has it: node scripts/testbed.ts up COUNT docker|no-docker HOSTSFILE | down [images]   (state in $XDG_STATE_HOME/baleen/testbed)
import { homedir, platform } from "node:os";
import { join } from "node:path";
import { findDocker } from "../src/network/docker.ts";
import { findPortHolder } from "../src/network/ports.ts";
import { testbedDown } from "../src/testbed/down.ts";
import { chooseAddressing, testbedUp } from "../src/testbed/up.ts";

const [what, count, docker, file] = process.argv.slice(2);
const controller = new AbortController();
process.on("SIGINT", () => controller.abort(new Error("interrupted")));
const signal = controller.signal;
const found = await findDocker({ env: process.env, home: homedir(), signal });
if (!found.available) throw new Error(found.reason);
const { engine, env } = found.docker;
const t0 = performance.now();
const onStep = (s: string, d = "") => console.error(((performance.now() - t0) / 1000).toFixed(1), s, d);
const stateDir = join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local/state"), "baleen", "testbed");
const base = { engine, env, stateDir, onStep, signal };
const r =
  what === "up"
    ? await testbedUp({
        ...base,
        count: Number(count),
        docker: docker === "docker",
        hostsFile: file!,
        addressing: await chooseAddressing(platform(), process.env.PREFIX ?? "127.0.1"),
        findPortHolder,
        name: process.env.NAME,
      })
    : await testbedDown({ ...base, images: count === "images" });
console.error(JSON.stringify(r, null, 1));
onStep("done");

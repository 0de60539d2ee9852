// Locks this machine in the folder that is named, says so, and waits to be killed.
import { lockHost } from "../../../src/deploy/provision/lock/lock.ts";
import { openLocalHost } from "../../support/local-host.ts";

const [folder = "", run = ""] = process.argv.slice(2);
const { signal } = new AbortController();
await using _lock = await lockHost(openLocalHost(), { run, holder: "alice@laptop", signal, folder });
process.stdout.write("held\n");
await new Promise((resolve) => setInterval(resolve, 60_000));

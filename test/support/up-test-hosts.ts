// Brings up three test hosts of set 1, says each step on a line, and waits to be killed.
import { testbedUp } from "../../src/deploy/testbed/up.ts";
import { testHostsOptions } from "./test-hosts.ts";

const options = await testHostsOptions({ count: 3, docker: false, nodePorts: false, set: 1 });
await testbedUp({ ...options, onStep: (step) => process.stdout.write(`${step}\n`) });
process.stdin.resume();

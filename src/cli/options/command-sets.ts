/** Commands that have options in common. */
import { commandNames } from "./commands.ts";

export const sweep = ["benchmark"] as const;
export const local = ["local-network"] as const;
export const compare = ["compare"] as const;
export const calibrate = ["calibrate"] as const;
export const remote = ["remote-network"] as const;
export const held = ["benchmark", "report"] as const;
export const report = ["report"] as const;
/** Commands that look for bundles in a folder of them. */
export const reading = ["ls", "show", "report", "verify", "logs", "status"] as const;
export const once = ["local-network", "remote-network"] as const;
export const here = ["benchmark", "local-network"] as const;
export const away = ["benchmark", "remote-network"] as const;
export const runs = ["benchmark", "local-network", "remote-network"] as const;
/** What a network is made of, for those who look whether it can be. */
export const planned = [...runs, "doctor"] as const;
export const plannedHere = [...here, "doctor"] as const;
export const written = [...sweep, "doctor"] as const;
export const ssh = ["benchmark", "remote-network", "hosts", "doctor", "logs", "status"] as const;
export const logs = ["logs"] as const;
export const cleaning = ["clean", "hosts"] as const;
export const testbed = ["testbed"] as const;
export const all = commandNames;
export const init = ["init"] as const;
/** Commands that a file of options may speak to: not those that write or look at one. */
export const configured = commandNames.filter((name) => !["wizard", "init", "validate"].includes(name));

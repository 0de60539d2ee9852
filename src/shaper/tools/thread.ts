/** The thread that runs iptables and tc: the namespaces it enters, and its file system, are its own. */
import { serveCalls } from "../calls.ts";
import { openLibc } from "../kernel/libc.ts";
import { toolOperations } from "./operations.ts";

serveCalls(toolOperations(openLibc()));

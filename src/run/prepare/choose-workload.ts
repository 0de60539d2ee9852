import type { Protocol } from "../../contracts/protocol.ts";
import { makesLoad, nativeWorkload } from "../workloads/native/workload.ts";
import { transactionWorkload } from "../workloads/transactions/workload.ts";
import type { Workload } from "../workloads/workload.ts";

/** The workload that a system is measured with: its own, where its nodes make the load. */
export const workloadOf = (protocol: Protocol | undefined): Workload =>
  makesLoad(protocol) ? nativeWorkload : transactionWorkload;

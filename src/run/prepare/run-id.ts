import { randomBytes } from "node:crypto";

/** A new id for a sweep. */
export const newRunId = (): string => randomBytes(4).toString("hex");

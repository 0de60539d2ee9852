import type { NodeProgram, Program } from "../contracts/deployment.ts";
import { ConfigurationError } from "../core/errors.ts";

/** @throws ConfigurationError for a program that is not of JavaScript modules */
export function requireNodeProgram(program: Program): NodeProgram {
  if (program.kind === "node-program") return program;
  const message = `${program.name} runs as plain processes alone so far. Give --runtime process.`;
  throw new ConfigurationError([{ code: "foreign-program", message }]);
}

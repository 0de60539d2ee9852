/** Looking into a file that may not be what it should: what is something else counts as not there. */
import { isTable } from "../keys.ts";
import type { Path } from "./schema-issues.ts";

/** Keeps what is wrong with a place; `message` without a full stop. */
export type Refuse = (path: Path, message: string) => void;

export function tableIn(value: unknown, name?: string): Readonly<Record<string, unknown>> {
  const found = name === undefined ? value : tableIn(value)[name];
  return isTable(found) ? found : {};
}

export function keysIn(value: unknown, name: string): string[] {
  return Object.keys(tableIn(value, name));
}

export function listIn(value: unknown, name: string): readonly unknown[] {
  const found = tableIn(value)[name];
  return Array.isArray(found) ? found : [];
}

export function textIn(value: unknown, name: string): string | undefined {
  const found = tableIn(value)[name];
  return typeof found === "string" ? found : undefined;
}

export function textsIn(value: unknown, name: string): string[] {
  return listIn(value, name).filter((each) => typeof each === "string");
}

/** `--client-origin`: whose pages may report to the results server. */

import { type Reading, type Rule, refusal, show, together } from "../../options/rules/rule.ts";
import { usualClientPagePort } from "./browser-ports.ts";

/** Where clients of the peer library are served from unless another port is asked for. */
export const usualClientOrigins: readonly string[] = ["localhost", "127.0.0.1"].map(
  (host) => `http://${host}:${usualClientPagePort}`,
);

const expected = "an origin, such as http://localhost:7654, or several with commas between";

export const clientOriginRule: Rule<readonly string[]> = {
  kind: "value",
  expected,
  schema: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }] },
  read: (given) => {
    const items: readonly unknown[] = Array.isArray(given.value) ? given.value : [given.value];
    const origins = items.flatMap((item) => (typeof item === "string" ? item.split(",") : [item]));
    const read = origins.map((origin): Reading<string> => {
      const text = typeof origin === "string" ? origin.trim() : "";
      return isOrigin(text) ? { value: text } : refusal(given, `${show(origin)} is no origin`, expected);
    });
    return together(read);
  },
};

/** As browsers send it: scheme, name and port, and nothing behind. */
const isOrigin = (text: string) =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlacementView } from "../../../src/contracts/deployment.ts";
import { parseYaml } from "../../../src/core/documents/yaml.ts";
import { parseCustomProtocol } from "../../../src/protocol/custom/custom.ts";

type Path = readonly (string | number)[];

/** Every place in a value, itself included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    placesIn(part, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

/** The value with something else in one place; undefined: without it. */
function changedAt(value: unknown, [first, ...rest]: Path, to: unknown): unknown {
  if (first === undefined) return to;
  const copy: unknown = Array.isArray(value) ? [...value] : { ...(value as object) };
  const table = copy as Record<string | number, unknown>;
  table[first] = changedAt(table[first], rest, to);
  return copy;
}

const view: PlacementView = {
  home: "/home",
  nodes: [
    { name: "node0", role: "member", index: 0 },
    { name: "node1", role: "bootstrap", index: 0 },
  ],
  endpoint: () => ({ host: "127.0.0.1", port: 1 }),
  listen: () => ({ host: "127.0.0.1", port: 1 }),
  exported: (node, name) => `${node} ${name}`,
};

const pieces = fc.oneof(
  fc.constantFrom(
    "${",
    "$$",
    "${node.name}",
    "${bootstrap.id}",
    "/",
    "a",
    "",
    "any",
    "polling",
    "websocket",
    "log",
  ),
  fc.constantFrom(undefined, null, true, 0, -1, 0.5, 80, [], {}, [[]], { a: {} }),
  fc.jsonValue({ maxDepth: 2 }),
);

test.each(["etcd", "http-service", "bootstrap", "native"])(
  "%s.yaml with anything in any place is told what is wrong, or can be planned",
  (name) => {
    const file = fileURLToPath(new URL(`../../../examples/${name}/${name}.yaml`, import.meta.url));
    const written = parseYaml(readFileSync(file, "utf8"));
    const place = fc.constantFrom(...placesIn(written));
    fc.assert(
      fc.property(place, pieces, (path, piece) => {
        // JSON is YAML.
        const text = JSON.stringify(changedAt(written, path, piece)) ?? "";
        const { protocol, diagnostics } = parseCustomProtocol(text, { file, folder: dirname(file) });
        expect(protocol === undefined).toBe(diagnostics.length > 0);
        for (const { message } of diagnostics) expect(message).toMatch(/\.yaml:\d+: ./);
        for (const { role, configure } of protocol?.plan({ nodes: 1, options: {} }).groups ?? []) {
          const node = view.nodes.find((each) => each.role === role) ?? { name: "node9", role, index: 0 };
          configure(node, { ...view, nodes: [...view.nodes, node] });
        }
      }),
      { numRuns: 300 },
    );
  },
);

/** The results server as an OpenAPI document, for its clients. */
import type { Refusal } from "../../contracts/peer-tests/api.ts";
import { expectedPeerId, expectedTestId } from "../../contracts/peer-tests/names.ts";
import { jsonSchemaOf } from "../../core/documents/check-form.ts";
import { record } from "../../core/documents/form.ts";
import { mapValues } from "../../core/keys.ts";
import {
  refusalStatus,
  type TestFormName,
  type TestOperation,
  testForms,
  testOperations,
} from "./test-operations.ts";

const parameters: Readonly<Record<string, string>> = { testId: expectedTestId, peerId: expectedPeerId };

/** @param version of this package @see https://spec.openapis.org/oas/v3.1.1.html */
export function testOpenApi(version: string): object {
  const operations = Object.entries<TestOperation>(testOperations);
  const byPath = Map.groupBy(operations, ([, { path }]) => path);
  const paths = [...byPath].map(([path, its]) => [
    path,
    Object.fromEntries(
      its.map(([id, operation]) => [operation.method.toLowerCase(), describe(id, operation)]),
    ),
  ]);
  return {
    openapi: "3.1.1",
    info: { title: "Baleen results server", version },
    paths: Object.fromEntries(paths),
    components: {
      schemas: schemas(),
      securitySchemes: {
        header: { type: "http", scheme: "bearer" },
        address: { type: "apiKey", in: "query", name: "token" },
      },
    },
    // Neither is needed on loopback.
    security: [{}, { header: [] }, { address: [] }],
  };
}

function describe(operationId: string, operation: TestOperation): object {
  const { path, summary, body, dataPoints, replies, refusals } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: parameters[name],
    schema: { type: "string" },
  }));
  const inQuery = {
    name: "dataPoints",
    in: "query",
    description: "Whether the reply has all data points, of which there may be millions.",
    schema: { type: "boolean", default: dataPoints },
  };
  const byStatus = Map.groupBy(refusals, (refusal) => refusalStatus[refusal]);
  return {
    operationId,
    summary,
    parameters: [...inPath, ...(dataPoints === undefined ? [] : [inQuery])],
    ...(body === undefined ? {} : { requestBody: { required: body.isRequired, content: json(body.form) } }),
    responses: {
      200: { description: "Done.", content: json(...replies) },
      ...Object.fromEntries([...byStatus].map(([status, its]) => [status, refused(its)])),
      default: { description: "Refused before it was looked at.", content: json("access-refusal") },
    },
  };
}

const refused = (refusals: readonly Refusal[]) => ({
  description: `\`status\` is ${refusals.join(" or ")}.`,
  content: json("refusal"),
});

function json(...names: readonly TestFormName[]): object {
  const [first, ...others] = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  return { "application/json": { schema: others.length === 0 ? first : { anyOf: [first, ...others] } } };
}

/** Each form once, under its name. */
function schemas(): object {
  const whole = record("All forms.", mapValues(testForms, (form) => form) as typeof testForms);
  const schema = jsonSchemaOf(whole as never, { id: "", title: "" }) as {
    readonly properties: Readonly<Record<string, object>>;
    readonly $defs: Readonly<Record<string, object>>;
  };
  const inline = Object.entries(schema.properties).filter(([, one]) => !("$ref" in one));
  const all = JSON.stringify({ ...Object.fromEntries(inline), ...schema.$defs });
  return JSON.parse(all.replaceAll("#/$defs/", "#/components/schemas/")) as object;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "vitest/node";

const sources = fileURLToPath(new URL("../../src", import.meta.url));

/**
 * Codes that are put together, as they stand in the sources, and what they come to: a list, or the texts of a union
 * behind a beginning.
 */
const computed: Readonly<
  Record<string, readonly string[] | { readonly union: string; readonly prefix: string }>
> = {
  "`${option}-file`": ["phases-file", "profile-file", "protocol-file"],
  "`docker-${reason}`": { union: "DockerFailure", prefix: "docker-" },
  // Of calls of `diagnostic`, see below.
  "`host-${code}`": [],
};

/** Functions from elsewhere that put something before the code that they are given. */
const prefixing: Readonly<Record<string, { readonly name: string; readonly prefix: string }>> = {
  "deploy/provision/check.ts": { name: "diagnostic", prefix: "host-" },
};

/** Properties called `code` that are no error's: an exit code, code to run, the form of a message, a transport's. */
const otherwise: ReadonlySet<string> = new Set([
  "cli/main.ts: await commands[name](request, { ...context, settings }, openCommandBackend(env))",
  "load/client/engine.ts: guarded(code, (error) => this.#failure.abort(error))",
  "load/messages/message-codec.ts: text(100)",
  "load/transport/websocket/handshake.ts: handshakeCode(what)",
]);

export interface FoundCodes {
  /** Each with the files in which it stands. */
  readonly codes: ReadonlyMap<string, readonly string[]>;
  /** "deploy/nodes/ports.ts: name()": a code of another form. */
  readonly unknown: readonly string[];
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** Looks through all sources but the validator's, whose codes its own process keeps to itself. */
export function findCodes(): FoundCodes {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("validator/"),
  );
  const codes = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(sources, file), "utf8");
    const reading = new Reading(file, text);
    for (const code of reading.codes) codes.set(code, [...(codes.get(code) ?? []), file]);
    unknown.push(...reading.unknown);
  }
  return { codes, unknown };
}

/** Of one file. */
class Reading {
  readonly codes = new Set<string>();
  readonly unknown: string[] = [];
  readonly #file: string;
  readonly #text: string;
  /** Functions and classes with a parameter called `code`, and its place. */
  readonly #takers = new Map<string, number>();
  /** Unions of texts that the file declares, by their names. */
  readonly #unions = new Map<string, string[]>();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    const program = parseAst(text, { lang: "ts" }) as unknown as Node;
    this.#each(program, (node) => this.#learn(node));
    this.#each(program, (node) => this.#look(node));
  }

  #each(node: Node, visit: (node: Node) => void): void {
    visit(node);
    for (const value of Object.values(node)) {
      for (const child of isNode(value) ? [value] : nodesIn(value)) this.#each(child, visit);
    }
  }

  #learn(node: Node): void {
    if (node.type === "TSTypeAliasDeclaration") {
      const union = node.typeAnnotation as Node;
      const texts = nodesIn(union.types).map((type) => (type.literal as Node | undefined)?.value);
      this.#unions.set(
        nameOf(node.id),
        texts.filter((text) => typeof text === "string"),
      );
    } else if (node.type === "FunctionDeclaration") {
      this.#takes(nameOf(node.id), node.params);
    } else if (node.type === "VariableDeclarator" && isNode(node.init)) {
      this.#takes(nameOf(node.id), node.init.params);
    } else if (node.type === "ClassDeclaration") {
      const members = nodesIn((node.body as Node).body);
      const making = members.find(({ kind }) => kind === "constructor");
      this.#takes(nameOf(node.id), (making?.value as Node | undefined)?.params);
    }
  }

  #takes(name: string, params: unknown): void {
    const place = nodesIn(params).findIndex((param) => nameOf(param) === "code");
    if (place >= 0) this.#takers.set(name, place);
  }

  #look(node: Node): void {
    if (node.type === "Property" && nameOf(node.key) === "code" && node.shorthand !== true) {
      this.#take(node.value);
    } else if (node.type === "VariableDeclarator" && nameOf(node.id) === "code") {
      this.#take(node.init, "where it is a text");
    } else if (node.type === "ClassDeclaration" && nameOf(node.superClass) === "BaleenError") {
      this.#each(node, (inner) => {
        if (inner.type === "CallExpression" && (inner.callee as Node).type === "Super") {
          this.#take(nodesIn(inner.arguments)[0]);
        }
      });
    } else if (node.type === "NewExpression" || node.type === "CallExpression") {
      this.#lookAtCall(nameOf(node.callee), nodesIn(node.arguments));
    }
  }

  #lookAtCall(name: string, given: readonly Node[]): void {
    const place = this.#takers.get(name);
    const outer = prefixing[this.#file];
    if (name === "BaleenError") this.#take(given[0]);
    else if (place !== undefined) this.#take(given[place], "where it is a text");
    else if (name === outer?.name) this.#take(given[0], "always", outer.prefix);
  }

  /** @param when a value of another form is told of, or may be something else than a code */
  #take(value: unknown, when: "always" | "where it is a text" = "always", prefix = ""): void {
    if (!isNode(value)) return;
    const inner = (...parts: unknown[]) => {
      for (const part of parts) this.#take(part, when, prefix);
    };
    switch (value.type) {
      case "Literal":
        // Those in capitals are the system's and the transports'; an empty one stands for none.
        if (typeof value.value === "string" && /^(?![A-Z])./.test(value.value)) {
          this.codes.add(prefix + value.value);
        }
        break;
      case "ConditionalExpression":
        inner(value.consequent, value.alternate);
        break;
      case "LogicalExpression":
        inner(value.left, value.right);
        break;
      case "TemplateLiteral":
        this.#takeComputed(this.#shown(value));
        break;
      // Handed on: it stands elsewhere as a text.
      case "Identifier":
      case "MemberExpression":
        break;
      default: {
        const form = `${this.#file}: ${this.#shown(value)}`;
        if (when === "always" && !otherwise.has(form)) this.unknown.push(form);
      }
    }
  }

  #takeComputed(shown: string): void {
    const codes = computed[shown];
    if (codes === undefined) this.unknown.push(`${this.#file}: ${shown}`);
    else if (!("union" in codes)) for (const code of codes) this.codes.add(code);
    else for (const text of this.#unions.get(codes.union) ?? []) this.codes.add(codes.prefix + text);
  }

  #shown(node: Node): string {
    return this.#text.slice(Number(node.start), Number(node.end));
  }
}

const nameOf = (node: unknown): string => (isNode(node) && typeof node.name === "string" ? node.name : "");

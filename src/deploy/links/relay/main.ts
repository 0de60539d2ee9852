/**
 * Entry of the relay: carries TCP connections between processes of this machine over links with delay and rate. Commands
 * on standard input, reports on standard output, one line of JSON each. It ends at a stop command, or with its input.
 */
import { createInterface } from "node:readline";
import { type ShaperReport, shaperCommandForm, shaperReportForm } from "../../../contracts/links/shaper.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { describeError } from "../../../core/errors.ts";
import { type RelayOpened, relayOpenedForm, relayOpenForm } from "./messages.ts";
import { Relay } from "./relay.ts";

const relay = new Relay();

function print(json: object): void {
  process.stdout.write(`${JSON.stringify(json)}\n`);
}

const report = (what: ShaperReport) => print(writeForm(shaperReportForm, what));

function end(): void {
  relay.close();
  process.stdout.end(() => process.exit(0));
}

async function obey(json: { readonly type?: unknown }): Promise<void> {
  if (json.type === "open-relay") {
    const open = readForm(relayOpenForm, json);
    const hops = await relay.open(open);
    const opened: RelayOpened = { type: "relay-opened", id: open.id, hops };
    print(writeForm(relayOpenedForm, opened));
    setInterval(() => report(relay.second()), 1000);
    return;
  }
  const command = readForm(shaperCommandForm, json);
  switch (command.type) {
    case "set": {
      const atMs = relay.set(command.links);
      report({ type: "done", id: command.id, atMs, probed: [] });
      return;
    }
    case "echo":
    case "goodput": {
      const { id, type: kind, ...request } = command;
      const probed = await relay.probe({ kind, ...request } as Parameters<Relay["probe"]>[0]);
      report({ type: "done", id, atMs: performance.now(), probed });
      return;
    }
    case "stop":
      end();
      return;
    default:
      throw new Error(`the relay has no command ${command.type}`);
  }
}

process.stdout.on("error", () => process.exit(1));
// Ctrl-C reaches the parent process too, which decides when this one ends.
process.on("SIGINT", () => {});
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const json = JSON.parse(line) as { readonly id?: string; readonly type?: unknown };
  const { id } = json;
  obey(json).catch((error: unknown) => {
    report({ type: "refused", ...(id === undefined ? {} : { id }), reason: describeError(error) });
  });
});
input.once("close", end);

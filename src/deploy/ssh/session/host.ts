import { addAbortListener } from "node:events";
import type { Duplex } from "node:stream";
import {
  type Host,
  type HostCommandOptions,
  HostError,
  type HostProcess,
} from "../../../contracts/hosts/host.ts";
import { formatAuthority } from "../../../core/address.ts";
import { timeLimit } from "../../../core/async.ts";
import { TimeoutError } from "../../../core/errors.ts";
import { nameCommand, stderrTailCharacters, traceCommand } from "../../../core/process/command.ts";
import { traceStarted } from "../../../core/trace.ts";
import { explainRefusal, HostCommandError, silentHost } from "../errors.ts";
import type { Client } from "./client.ts";
import { connectionLost, type LaunchContext, type Launched, launch, untilStarted } from "./launch.ts";
import { follow, runOnHost } from "./run.ts";

type StartOptions = Pick<HostCommandOptions, "asRoot" | "signal">;

/** A machine over a link. @param of.description "ubuntu@10.0.1.11:22" */
export function openSshHost(
  of: Pick<Host, "name" | "description" | "timeoutMs"> & Pick<LaunchContext, "link" | "isRoot">,
): Host {
  const { name, description, link, isRoot, timeoutMs } = of;
  const context: LaunchContext = {
    ...{ link, host: name, description: `${name} (${description})` },
    ...{ isRoot, timeoutMs },
  };
  return {
    name,
    description,
    timeoutMs,
    exec: (argv, options) =>
      traceCommand({ argv, host: name, asRoot: options.asRoot }, () => runOnHost(context, argv, options)),
    start: (argv, options) => start(context, argv, options),
    connectUnix: (path) => connect(context, `the socket ${path}`, (client) => client.openUnix(path)),
    connectTcp: (endpoint) =>
      connect(context, formatAuthority(endpoint), (client) => client.openTcp(endpoint)),
    connectCommand: async (argv, options) => {
      const judged = (launched: Launched) => launched.stream.endWith(judge(name, argv, launched));
      return (await launchAndWait(context, argv, options, judged)).stream;
    },
    onLink: (listener) => link.onState(listener),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function start(
  context: LaunchContext,
  argv: readonly string[],
  { asRoot, signal }: StartOptions,
): Promise<HostProcess> {
  const launched = await launchAndWait(context, argv, { asRoot, signal });
  const tail = readTail(launched);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= launched.end();
    return stopping;
  };
  const listening = signal && addAbortListener(signal, () => void stop());
  const ended = launched.ended.then(async (end) => {
    listening?.[Symbol.dispose]();
    return { exitCode: end?.exitCode ?? null, stderrTail: await tail };
  });
  const { stream } = launched;
  return { stdin: stream, stdout: stream, ended, stop, [Symbol.asyncDispose]: stop };
}

/** What is wrong with how a command ended whose output is used as a stream. */
async function judge(host: string, argv: readonly string[], launched: Launched): Promise<Error | undefined> {
  const tail = readTail(launched);
  const exitCode = (await launched.ended)?.exitCode;
  if (exitCode === 0 || launched.isLost()) return undefined;
  const why = exitCode === undefined ? "was ended" : `failed with exit code ${exitCode}`;
  return new HostCommandError(host, { argv, reason: "exit", exitCode, stderrTail: await tail }, why);
}

/** @param prepare is given the command before it can end */
async function launchAndWait(
  context: LaunchContext,
  argv: readonly string[],
  { asRoot = false, signal = new AbortController().signal }: StartOptions,
  prepare?: (launched: Launched) => void,
): Promise<Launched> {
  await linkedClient(context, signal);
  const launched = await launch(context, argv, { asRoot, signal, prepare });
  traceStarted({ argv, host: context.host, asRoot }, launched.ended);
  try {
    await untilStarted(context, launched);
  } catch (error) {
    await launched.end();
    throw error;
  }
  if (launched.isLost()) throw connectionLost(context, nameCommand(argv));
  return launched;
}

/** The connection, which may be a lost one that is being opened again. */
async function linkedClient(context: LaunchContext, signal?: AbortSignal): Promise<Client> {
  using limit = timeLimit(context.timeoutMs, () => silentHost(context, "come back"));
  return await context.link.client(
    AbortSignal.any([limit.signal, ...(signal === undefined ? [] : [signal])]),
  );
}

async function connect(
  context: LaunchContext,
  what: string,
  open: (client: Client) => Promise<Duplex>,
): Promise<Duplex> {
  const { host, description } = context;
  const client = await linkedClient(context);
  try {
    return await open(client);
  } catch (error) {
    if (client.lost.aborted) throw connectionLost(context, `a connection to ${what}`, error);
    if (error instanceof TimeoutError) throw silentHost(context, `open a connection to ${what}`);
    // RFC 4254, 5.1: administratively prohibited.
    const isForbidden = (error as { reason?: unknown }).reason === 1;
    const remedy = isForbidden
      ? "Allow forwarding in its sshd (AllowTcpForwarding, AllowStreamLocalForwarding, DisableForwarding)."
      : "Check that something listens there, that the user may use it, and that sshd allows forwarding.";
    const message = `${description} cannot connect to ${what}: ${explainRefusal(error)}. ${remedy}`;
    const code = isForbidden ? "host-forwarding-refused" : "host-stream-refused";
    throw new HostError({ code, host, message }, { cause: error });
  }
}

/** Reads all of a command's standard error. @returns the last part of it, once the command has ended */
async function readTail({ stderr, ended }: Launched): Promise<string> {
  let tail = "";
  const read = follow(stderr, (chunk) => {
    tail = (tail + chunk.toString("utf8")).slice(-stderrTailCharacters);
  });
  if ((await ended) !== undefined) await read;
  return tail;
}

import type { Emit } from "../../contracts/events.ts";
import type { Host, HostSpec } from "../../contracts/hosts/host.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError, type Diagnostic, describeError, InvalidArgumentError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { openEngine } from "../engine/engine.ts";
import { lockHost } from "../provision/lock/lock.ts";
import { type PrepareOptions, prepareHost } from "../provision/prepare.ts";
import type { EngineAccess, HostFacts } from "../provision/survey/facts.ts";
import { surveyHost } from "../provision/survey/survey.ts";

/** Hosts that are worked on at once: enough to hide the way to them, few enough for this machine. */
export const hostsAtOnce = 32;

export interface RemoteSessionOptions {
  readonly hosts: readonly HostSpec[];
  readonly connect: (spec: HostSpec, signal: AbortSignal) => Promise<Host>;
  /** For people: "alice@laptop, process 123". */
  readonly holder: string;
}

export interface OpenHost {
  readonly spec: HostSpec;
  readonly host: Host;
  readonly facts: HostFacts;
  /** The engine, where one answers already. */
  readonly engine: Engine | undefined;
}

/** A host with an engine that is ready for containers. */
export interface ReadyHost extends OpenHost {
  readonly engine: Engine;
}

/**
 * The connections to the hosts of a remote network, held from the first look at them to the end of the command, with
 * the lock of each. What fails on several hosts is told of all of them.
 */
export class RemoteSession implements AsyncDisposable {
  readonly #options: RemoteSessionOptions;
  readonly #connections = new Map<string, Host>();
  readonly #locks: AsyncDisposable[] = [];
  readonly #failures = new Map<string, Diagnostic>();
  #open: readonly OpenHost[] = [];
  #ready: readonly ReadyHost[] | undefined;
  #emit: Emit | undefined;
  #lockLoss: BaleenError | undefined;

  constructor(options: RemoteSessionOptions) {
    this.#options = options;
  }

  /** The hosts that answered, in the order they were given. */
  get hosts(): readonly OpenHost[] {
    return this.#open;
  }

  /** A host, or why it cannot be used: it did not answer, or is held by another run. */
  find({ name }: HostSpec): OpenHost | Diagnostic {
    const found = this.#failures.get(name) ?? this.#open.find(({ spec }) => spec.name === name);
    if (found === undefined) throw new InvalidArgumentError(`${name} is not a host of this session.`);
    return found;
  }

  /** Who hears of lost connections from now on. */
  notify(emit: Emit): void {
    this.#emit = emit;
  }

  /**
   * Connects to all hosts, takes their locks and looks them over; nothing else is changed there.
   *
   * @param run whose lock is taken; undefined: none is
   * @returns why hosts cannot be used
   * @throws the signal's reason
   */
  async open(run: string | undefined, signal: AbortSignal): Promise<readonly Diagnostic[]> {
    const opened = await mapBounded(this.#options.hosts, hostsAtOnce, async (spec) => {
      try {
        return await this.#openHost(spec, run, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof BaleenError)) throw error;
        this.#failures.set(spec.name, { code: error.code, message: error.message });
        return undefined;
      }
    });
    this.#open = opened.filter((each) => each !== undefined);
    return this.#options.hosts.flatMap(({ name }) => this.#failures.get(name) ?? []);
  }

  async #openHost(spec: HostSpec, run: string | undefined, signal: AbortSignal): Promise<OpenHost> {
    const host = await this.#options.connect(spec, signal);
    this.#connections.set(spec.name, host);
    host.onLink((link) => this.#emit?.({ type: "host-link", host: spec.name, ...link }));
    if (run !== undefined) {
      const onLost = (error: BaleenError) => {
        this.#lockLoss ??= error;
        this.#emit?.({ type: "warning", message: error.message });
      };
      this.#locks.push(await lockHost(host, { run, holder: this.#options.holder, signal, onLost }));
    }
    const facts = await surveyHost(host, { signal });
    const access = facts.docker.engine?.access;
    return { spec, host, facts, engine: access && (await openHostEngine(host, access)) };
  }

  /**
   * Makes Docker ready on every host, once; hosts that have it are left as they are.
   *
   * @throws PrepareError of the first host that failed, after the others have stopped in good order; why a host's lock
   *   was lost; the signal's reason
   */
  async prepare(emit: Emit, signal: AbortSignal): Promise<readonly ReadyHost[]> {
    if (this.#lockLoss !== undefined) throw this.#lockLoss;
    this.#ready ??= await this.#prepareAll(emit, signal);
    this.#open = this.#ready;
    return this.#ready;
  }

  async #prepareAll(emit: Emit, signal: AbortSignal): Promise<readonly ReadyHost[]> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const ready = mapBounded(this.#open, hostsAtOnce, (open) =>
      prepareOpenHost(open, {
        signal: either,
        onStep: (step, detail) =>
          emit({
            type: "network-step",
            step: `${open.spec.name}: ${step}`,
            host: open.spec.name,
            ...(detail === undefined ? {} : { detail }),
          }),
      }).catch((error: unknown) => {
        // An installation must not be cut off by the end of its connection: it is told to stop, and waited for.
        failed.abort(error);
        throw error;
      }),
    );
    try {
      return await ready;
    } catch (error) {
      signal.throwIfAborted();
      throw failed.signal.reason ?? error;
    }
  }

  /** Gives the locks back and hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const held of [this.#locks.splice(0), [...this.#connections.values()]]) {
      const ended = await Promise.allSettled(held.map((each) => each[Symbol.asyncDispose]()));
      failures.push(...ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
    }
    this.#connections.clear();
    for (const failure of failures) {
      this.#emit?.({ type: "warning", message: `Cannot release a host: ${describeError(failure)}` });
    }
  }
}

/**
 * Installs and starts Docker on a host where none answers.
 *
 * @throws PrepareError; the signal's reason
 */
export async function prepareOpenHost(
  open: OpenHost,
  { signal, onStep }: Pick<PrepareOptions, "signal" | "onStep">,
): Promise<ReadyHost> {
  const { host, facts } = open;
  if (open.engine !== undefined) return { ...open, engine: open.engine };
  const ready = await prepareHost(host, facts, { signal, onStep });
  return { ...open, facts: ready.facts, engine: await openHostEngine(host, ready.access) };
}

/** The Docker engine of a host, by the one connection to it. */
function openHostEngine(host: Host, access: EngineAccess): Promise<Engine> {
  const dial = ["docker", "system", "dial-stdio"];
  return openEngine({
    kind: "stream",
    source: host.name,
    description: `${host.description} ${access.kind === "socket" ? access.path : "with sudo"}`,
    connect: () =>
      access.kind === "socket" ? host.connectUnix(access.path) : host.connectCommand(dial, { asRoot: true }),
  });
}

import type { Emit } from "../../contracts/events.ts";
import type { Host, HostSpec } from "../../contracts/hosts/host.ts";
import { mapBounded } from "../../core/async.ts";
import { type BaleenError, type Diagnostic, describeError, diagnosticsOf } from "../../core/errors.ts";
import { traceDecision } from "../../core/trace.ts";
import { type Engine, openEngine } from "../engine/engine.ts";
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

/** A host that answers, with its engine where one answers already; with `Engine` it is ready for containers. */
export interface OpenHost<E extends Engine | undefined = Engine | undefined> {
  readonly spec: HostSpec;
  readonly host: Host;
  readonly facts: HostFacts;
  readonly engine: E;
}

/** What work on a host came to: what was found, or why it could not be done. */
interface Outcome<T> {
  readonly spec: HostSpec;
  readonly found?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The connections to the hosts of a remote network, held from the first look at them to the end of the command, with
 * the lock of each. What fails on several hosts is told of all of them.
 */
export class RemoteSession implements AsyncDisposable {
  /** Whether the hosts were found to reach one another, or that could not be tried. */
  waysWereTried = false;
  readonly #options: RemoteSessionOptions;
  readonly #connections: Host[] = [];
  readonly #locks: AsyncDisposable[] = [];
  #opened: readonly Outcome<OpenHost>[] = [];
  #ready: readonly OpenHost<Engine>[] | undefined;
  #emit: Emit | undefined;
  #lockLoss: BaleenError | undefined;

  private constructor(options: RemoteSessionOptions) {
    this.#options = options;
  }

  /**
   * Connects to all hosts, takes their locks and looks them over; nothing else is changed there.
   *
   * @param run whose lock is taken; undefined: none is
   * @throws the signal's reason
   */
  static async open(
    options: RemoteSessionOptions,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<RemoteSession> {
    const session = new RemoteSession(options);
    try {
      session.#opened = await mapBounded(options.hosts, hostsAtOnce, (spec) =>
        attempt(spec, () => session.#openHost(spec, run, signal), signal),
      );
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The hosts that answered, in the order they were given. */
  get hosts(): readonly OpenHost[] {
    return this.#ready ?? this.#opened.flatMap(({ found }) => found ?? []);
  }

  /** Why hosts cannot be used: they did not answer, or are held by another run. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#opened.flatMap(({ diagnostics }) => diagnostics);
  }

  /** Does some work on all hosts that answered; of the others it is told why they did not. */
  each<T>(work: (open: OpenHost) => Promise<T>): Promise<Outcome<T>[]> {
    return mapBounded(this.#opened, hostsAtOnce, async ({ spec, found, diagnostics }) =>
      found === undefined ? { spec, diagnostics } : attempt(spec, () => work(found)),
    );
  }

  /** Who hears of lost connections from now on. */
  notify(emit: Emit): void {
    this.#emit = emit;
  }

  async #openHost(spec: HostSpec, run: string | undefined, signal: AbortSignal): Promise<OpenHost> {
    const host = await this.#options.connect(spec, signal);
    this.#connections.push(host);
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
   * @throws HostError of the first host that failed, after the others have stopped in good order; why a host's lock
   *   was lost; the signal's reason
   */
  async prepare(emit: Emit, signal: AbortSignal): Promise<readonly OpenHost<Engine>[]> {
    if (this.#lockLoss !== undefined) throw this.#lockLoss;
    this.#ready ??= await this.#prepareAll(emit, signal);
    return this.#ready;
  }

  async #prepareAll(emit: Emit, signal: AbortSignal): Promise<readonly OpenHost<Engine>[]> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    try {
      return await mapBounded(this.hosts, hostsAtOnce, (open) => {
        const { name } = open.spec;
        const onStep: PrepareOptions["onStep"] = (step, detail) =>
          emit({ type: "network-step", step: `${name}: ${step}`, detail, host: name });
        return prepareOpenHost(open, { signal: either, onStep }).catch((error: unknown) => {
          // An installation must not be cut off by the end of its connection: it is told to stop, and waited for.
          failed.abort(error);
          throw error;
        });
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** Gives the locks back and hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const held of [this.#locks, this.#connections]) {
      const ended = await Promise.allSettled(held.splice(0).map((each) => each[Symbol.asyncDispose]()));
      failures.push(...ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
    }
    for (const failure of failures) {
      this.#emit?.({ type: "warning", message: `Cannot release a host: ${describeError(failure)}` });
    }
  }
}

/** @param signal whose abort is no failure of the host */
async function attempt<T>(spec: HostSpec, work: () => Promise<T>, signal?: AbortSignal): Promise<Outcome<T>> {
  try {
    return { spec, found: await work(), diagnostics: [] };
  } catch (error) {
    signal?.throwIfAborted();
    return { spec, diagnostics: diagnosticsOf(error) };
  }
}

/**
 * Installs and starts Docker on a host where none answers.
 *
 * @throws HostError; the signal's reason
 */
export async function prepareOpenHost(
  open: OpenHost,
  options: Pick<PrepareOptions, "signal" | "onStep">,
): Promise<OpenHost<Engine>> {
  const { host, engine } = open;
  if (engine !== undefined) return { ...open, engine };
  const { facts, access } = await prepareHost(host, open.facts, options);
  return { ...open, facts, engine: await openHostEngine(host, access) };
}

/** The Docker engine of a host, by the one connection to it. */
function openHostEngine(host: Host, access: EngineAccess): Promise<Engine> {
  const dial = ["docker", "system", "dial-stdio"];
  const way =
    access.kind === "socket" ? `its socket ${access.path}, forwarded by SSH` : `sudo ${dial.join(" ")}`;
  traceDecision(`engine of ${host.name}`, way);
  return openEngine({
    kind: "stream",
    source: host.name,
    timeoutMs: host.timeoutMs,
    description: `${host.description} ${access.kind === "socket" ? access.path : "with sudo"}`,
    connect: () =>
      access.kind === "socket" ? host.connectUnix(access.path) : host.connectCommand(dial, { asRoot: true }),
  });
}

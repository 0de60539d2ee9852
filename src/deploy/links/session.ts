/** The coordinator's side of one process that shapes: commands and their replies, what it reports, and its end. */
import type { PlacedProcess } from "../../contracts/deployment.ts";
import {
  type ShaperCommand,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../../contracts/links/shaper.ts";
import { type ProbedLink, type ProbeRequest, probeLengthMs } from "../../contracts/links/shaping.ts";
import { timeLimit, untilAborted } from "../../core/async.ts";
import { readForm } from "../../core/documents/check-form.ts";
import type { Form } from "../../core/documents/form.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { describeError } from "../../core/errors.ts";
import { ProcessLines } from "../../core/process/lines.ts";
import { LinksError } from "./error.ts";

/** Delays of 10,000 packets over each of 100 links are a line of 10 MB. */
const mostUnreadCharacters = 64 * 1024 * 1024;
/** A report is due every second: after so many looks without one, the process has stalled. */
const looksUntilStandstill = 4;
const lookEveryMs = 500;

type OfType<T extends ShaperReport["type"]> = Extract<ShaperReport, { readonly type: T }>;
export type SecondReport = OfType<"second">;
type Reply = OfType<"ready"> | OfType<"done">;
type WithoutId<C> = C extends { readonly id: string } ? Omit<C, "id"> : never;
/** A command that is answered. */
export type Request = WithoutId<ShaperCommand>;

interface Pending {
  /** Of the reply, unless it is a refusal. */
  readonly form: Form<unknown>;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a reply may take, and what ends the wait. */
export interface ReplyLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export class ShapingSession implements AsyncDisposable {
  /** For people: "the link shaper on host1". */
  readonly name: string;
  readonly #process: PlacedProcess;
  readonly #pending = new Map<string, Pending>();
  readonly #onSecond: (report: SecondReport) => void;
  readonly #onFailure: (why: string) => void;
  readonly #closing = new AbortController();
  #commands = 0;
  #failure: LinksError | undefined;
  #silentLooks = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    process: PlacedProcess,
    name: string,
    listener: { readonly second: (report: SecondReport) => void; readonly failure: (why: string) => void },
  ) {
    this.name = name;
    this.#process = process;
    this.#onSecond = listener.second;
    this.#onFailure = listener.failure;
    void this.#read();
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @throws LinksError where it is refused or not answered in time, or the process has ended; the signal's reason
   */
  async ask(request: Request, limits: ReplyLimits): Promise<Reply> {
    const id = `${++this.#commands}`;
    const command = { ...request, id } as ShaperCommand;
    return (await this.exchange(id, writeForm(shaperCommandForm, command), limits)) as Reply;
  }

  /** Sends probes. @param limits beside the time that the packets take */
  async probe(request: ProbeRequest, { timeoutMs, signal }: ReplyLimits): Promise<readonly ProbedLink[]> {
    const { kind, ...asked } = request;
    const command = { ...asked, type: kind } as Request;
    const reply = await this.ask(command, { timeoutMs: timeoutMs + probeLengthMs(request), signal });
    return reply.type === "done" ? reply.probed : [];
  }

  /**
   * The same of a line that is written already.
   *
   * @param id in the line and in its reply
   * @param form of the reply
   */
  async exchange<T>(
    id: string,
    line: object,
    { timeoutMs, signal }: ReplyLimits,
    form: Form<T> = shaperReportForm as Form<unknown> as Form<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    using limit = timeLimit(timeoutMs, () => {
      return new LinksError(`${sentence(this.name)} did not answer within ${timeoutMs / 1000} s.`);
    });
    const reply = new Promise<T>((resolve, reject) =>
      this.#pending.set(id, {
        form: form as Form<unknown>,
        resolve: resolve as (reply: unknown) => void,
        reject,
      }),
    );
    // After a time-out or abort its failure has no other handler.
    reply.catch(() => {});
    this.#process.stdin.write(`${JSON.stringify(line)}\n`);
    try {
      return await untilAborted(reply, AbortSignal.any([signal, limit.signal]));
    } finally {
      this.#pending.delete(id);
    }
  }

  /** From now on, silence of the process is a failure. */
  expectReports(): void {
    this.#watch ??= setInterval(() => {
      // Looks are counted, not time: after a stall of this process itself, silence proves nothing.
      if (++this.#silentLooks < looksUntilStandstill) return;
      this.#fail(`has reported nothing for ${(looksUntilStandstill * lookEveryMs) / 1000} s`);
    }, lookEveryMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#fail("was ended");
    await this.#process[Symbol.asyncDispose]();
  }

  async #read(): Promise<void> {
    const lines = new ProcessLines(this.#process, mostUnreadCharacters);
    try {
      for (;;) {
        const line = await lines.next(this.#closing.signal);
        if (line === undefined) break;
        this.#takeLine(JSON.parse(line));
      }
    } catch (error) {
      this.#fail(`sent a line that is no report: ${describeError(error)}`);
      return;
    }
    if (lines.hasFlooded) this.#fail("wrote without end");
    else if (!this.#closing.signal.aborted) this.#fail(`has ended: ${await this.#process.ended}`);
  }

  #takeLine(json: unknown): void {
    const { id, type } = (json ?? {}) as { readonly id?: unknown; readonly type?: unknown };
    const pending = type === "refused" ? undefined : this.#pending.get(String(id));
    if (pending === undefined) this.#take(readForm(shaperReportForm, json));
    else pending.resolve(readForm(pending.form, json));
  }

  #take(report: ShaperReport): void {
    switch (report.type) {
      case "second":
        this.#silentLooks = 0;
        this.#onSecond(report);
        return;
      case "refused": {
        const { id, reason } = report;
        const error = new LinksError(`${sentence(this.name)} refused: ${reason}`);
        if (id !== undefined) this.#pending.get(id)?.reject(error);
        // A line that it could not read has no id; all that wait might be it.
        else for (const { reject } of this.#pending.values()) reject(error);
        return;
      }
      default:
      // A reply that came too late.
    }
  }

  /** @param what completes "The link shaper …" */
  #fail(what: string): void {
    if (this.#failure !== undefined) return;
    clearInterval(this.#watch);
    const why = `${sentence(this.name)} ${what.replace(/\.$/, "")}.`;
    this.#failure = new LinksError(why);
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    if (!this.#closing.signal.aborted) this.#onFailure(why);
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

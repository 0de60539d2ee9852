/** Hosts that have gone without a word: the end of a run must not wait for them. */
import { HostError } from "../../contracts/hosts/host.ts";
import { delay, withinMs } from "../../core/async.ts";
import type { OpenHost } from "./session.ts";

/** A host that answers nothing for so long has gone, as far as a clean-up is concerned. */
const goneMs = 8000;
const askEveryMs = 1000;

/**
 * What `work` on a host yields, while the host is asked every second whether it is there. The connection of one that
 * has gone is closed, so that nobody waits for it again.
 *
 * @throws HostError "host-connection-lost" where the host does not answer any more
 */
export async function unlessGone<T>(open: Pick<OpenHost, "spec" | "host">, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([work, watch(open, done.signal)]);
  } finally {
    done.abort();
  }
}

async function watch({ spec, host }: Pick<OpenHost, "spec" | "host">, done: AbortSignal): Promise<never> {
  for (;;) {
    const answered = await withinMs(goneMs, ask(host, done));
    done.throwIfAborted();
    if (answered === undefined) {
      await host[Symbol.asyncDispose]();
      const message = `${spec.name} (${host.description}) has not answered for ${goneMs / 1000} s. Check that it is up and can be reached.`;
      throw new HostError({ code: "host-connection-lost", host: spec.name, message });
    }
    await delay(askEveryMs, done);
  }
}

/** Resolves once the host has answered, whatever it said; over the next connection where this one was lost. */
async function ask(host: OpenHost["host"], signal: AbortSignal): Promise<true> {
  for (;;) {
    try {
      await host.exec(["true"], { timeoutMs: 2 * goneMs, signal, allowFailure: true });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof HostError ? error.code : "host-timeout";
      if (code === "host-timeout" || code === "host-given-up" || code === "host-closed") throw error;
      if (code !== "host-connection-lost") return true;
    }
  }
}

/** Takes CPU profiles of this process, and of another Node.js process while it runs. */
import { Session } from "node:inspector/promises";
import type { CpuProfile } from "./cpu-profile.ts";

/** A profile that is being taken. */
export interface Profiling {
  readonly finish: () => Promise<CpuProfile>;
}

const samplingUs = 250;
const connectTimeoutMs = 10_000;

/** Profiles this process. */
export async function profileSelf(): Promise<Profiling> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: samplingUs });
  await session.post("Profiler.start");
  return {
    finish: async () => {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      return profile;
    },
  };
}

/** Profiles the process whose inspector listens at `url`. */
export async function profileOther(url: string): Promise<Profiling> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${url} does not answer.`)), connectTimeoutMs);
    socket.onopen = () => {
      clearTimeout(timer);
      resolve();
    };
    socket.onerror = () => reject(new Error(`No connection to the inspector at ${url}.`));
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  };
  let lastId = 0;
  const post = (method: string, params = {}) => {
    const id = ++lastId;
    return new Promise<unknown>((resolve, reject) => {
      waiting.set(id, resolve);
      socket.onclose = () => reject(new Error(`The process at ${url} ended while it was profiled.`));
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  await post("Profiler.enable");
  await post("Profiler.setSamplingInterval", { interval: samplingUs });
  await post("Profiler.start");
  return {
    finish: async () => {
      const { profile } = (await post("Profiler.stop")) as { profile: CpuProfile };
      socket.onclose = null;
      socket.close();
      return profile;
    },
  };
}

import { getSystemErrorName } from "node:util";
import { describeError } from "../../core/errors.ts";
import { onDemand } from "../../core/on-demand.ts";
import { ShaperError } from "../error.ts";

const koffi = onDemand<typeof import("koffi")>("koffi");

/** Calls of the C library. Each acts on the thread that calls; numbers below 0 are failures. */
const declarations = {
  open: "int open(const char *path, int flags)",
  close: "int close(int fd)",
  setns: "int setns(int fd, int type)",
  unshare: "int unshare(int flags)",
  chroot: "int chroot(const char *path)",
  chdir: "int chdir(const char *path)",
  socket: "int socket(int domain, int type, int protocol)",
  setsockopt: "int setsockopt(int fd, int level, int option, const void *value, uint32_t length)",
  getsockopt: "int getsockopt(int fd, int level, int option, void *value, void *length)",
  bind: "int bind(int fd, const void *address, uint32_t length)",
  connect: "int connect(int fd, const void *address, uint32_t length)",
  listen: "int listen(int fd, int backlog)",
  send: "long send(int fd, const void *bytes, size_t length, int flags)",
  sendto:
    "long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t size)",
  recvmmsg: "int recvmmsg(int fd, uintptr_t messages, uint32_t count, int flags, void *timeout)",
  ppoll: "int ppoll(void *fds, uint64_t count, const void *timeout, const void *signals)",
  pipe2: "int pipe2(void *fds, int flags)",
  read: "long read(int fd, void *bytes, size_t length)",
  prctl: "int prctl(int option, uint64_t value, uint64_t b, uint64_t c, uint64_t d)",
  clock_gettime: "int clock_gettime(int clock, void *time)",
  sched_setscheduler: "int sched_setscheduler(int pid, int policy, const void *parameters)",
} as const;

type Call = (...values: unknown[]) => number;
export type Libc = Readonly<Record<keyof typeof declarations, Call>> & {
  /** Where bytes outside the heap of JavaScript are. They must be kept alive by the caller. */
  readonly address: (bytes: Buffer) => bigint;
  /** @throws ShaperError that names what was tried, where the result is below 0 */
  readonly check: (result: number, what: string) => number;
  /** Number of the last failure. */
  readonly errno: () => number;
};

/** @throws ShaperError where koffi is not installed, or has no build for this machine */
export function openLibc(): Libc {
  try {
    const { load, address, errno } = koffi();
    const library = load(null);
    const calls = Object.entries(declarations).map(([name, declaration]) => [
      name,
      library.func(declaration),
    ]);
    const check = (result: number, what: string) => {
      if (result >= 0) return result;
      throw new ShaperError(`Cannot ${what}: ${getSystemErrorName(-errno())}.`);
    };
    return {
      ...Object.fromEntries(calls),
      address: (bytes: Buffer) => address(bytes),
      check,
      errno: () => errno(),
    };
  } catch (cause) {
    const remedy = "Install it with npm install koffi; it needs 64-bit Linux with a C library.";
    throw new ShaperError(`Cannot load koffi, which calls the kernel: ${describeError(cause)}. ${remedy}`, {
      cause,
    });
  }
}

/** Bytes that the kernel may be given the address of: a small Buffer may move. */
export const fixedBuffer = (length: number): Buffer => Buffer.from(new ArrayBuffer(length));

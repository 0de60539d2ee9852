/** Numbers of the C library's headers on Linux that several files need. */
export const internetFamily = 2;
export const datagramSocket = 2;
/** Flags of a new descriptor (SOCK_NONBLOCK, O_NONBLOCK; SOCK_CLOEXEC, O_CLOEXEC). */
export const nonBlocking = 0x800;
export const closeOnExec = 0x80000;
/** Flag of one call (MSG_DONTWAIT). */
export const dontWait = 0x40;
/** SOL_SOCKET, and options of that level. */
export const socketLevel = 1;
export const forceReceiveBuffer = 33;

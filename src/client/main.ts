/**
 * Entry of a process that runs clients: commands on standard input, messages on standard output, one line of JSON each
 * (load/process/messages.ts). It ends when it is told to stop, and when its input ends.
 */
export {};

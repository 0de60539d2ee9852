export type Environment = Readonly<Record<string, string | undefined>>;

/** What a process knows of itself: its entry reads it, and hands it in. */
export interface ProcessFacts {
  readonly env: Environment;
  readonly pid: number;
  /** Absolute path of the Node.js that it runs on. */
  readonly nodeBinary: string;
  /** Of that Node.js: "v24.1.0". */
  readonly nodeVersion: string;
  /** For those who find something in use by it: "benchmark --loads=100". */
  readonly commandLine: string;
}

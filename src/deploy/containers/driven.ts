import type { PlacedProcess } from "../../contracts/deployment.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { Engine } from "../engine/engine.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { describeExit } from "./node.ts";
import { openPlacedProcess } from "./placed-process.ts";

/** Starts a container that shares its machine's network and is driven over its standard streams. */
export async function startDriven(
  engine: Engine,
  container: ContainerSpec,
  signal: AbortSignal,
): Promise<{ readonly program: PlacedProcess; readonly process: OwnProcess | undefined }> {
  const id = await engine.createContainer({ ...container, networkMode: "host", driven: true });
  try {
    const streams = await engine.attach(id, signal);
    await engine.start(id);
    const pid = (await engine.inspectContainer(id))?.pid;
    const program = openPlacedProcess(streams, {
      explain: () => explainEnd(engine, id),
      remove: () => engine.removeContainer(id),
    });
    return { program, process: pid === undefined ? undefined : { pid, containerId: id } };
  } catch (error) {
    // If it remains, clean-up finds it by its label.
    await engine.removeContainer(id).catch(() => {});
    throw error;
  }
}

/** What the engine says of a container whose output has ended. */
async function explainEnd(engine: Engine, id: string): Promise<string> {
  const state = await engine.inspectContainer(id);
  if (state === undefined) return "its container was removed";
  if (state.state === "running") return "the connection to it was lost";
  const { exitCode, signal } = describeExit(state.exitCode);
  return `its container ended with ${signal ?? `exit code ${exitCode}`}`;
}

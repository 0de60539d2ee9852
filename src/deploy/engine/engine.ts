import { connectClient } from "./client.ts";
import { containerRequests } from "./containers.ts";
import type { EngineAddress } from "./endpoint.ts";
import { processRequests } from "./exec.ts";
import { imageRequests } from "./images.ts";
import { resourceRequests } from "./resources.ts";

/** A connection to one Docker engine. Every method rejects with a DockerError that says what and what to do. */
export type Engine = Awaited<ReturnType<typeof openEngine>>;

/**
 * Makes the connection to an engine; nothing is sent before the first question.
 *
 * @throws DockerError where the certificates of a TLS engine cannot be read
 */
export async function openEngine(address: EngineAddress) {
  const client = await connectClient(address);
  return {
    description: client.description,
    remote: client.remote,
    ...resourceRequests(client),
    ...imageRequests(client),
    ...containerRequests(client),
    ...processRequests(client),
  };
}

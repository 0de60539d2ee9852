import { connectClient } from "./client.ts";
import { explainDockerFailure } from "./docker-error.ts";
import { type EngineAddress, formatEngineAddress } from "./endpoint.ts";
import type { EngineContext } from "./engine-ask.ts";
import { attachRequests } from "./engine-attach.ts";
import { containerRequests } from "./engine-containers.ts";
import { execRequests } from "./engine-exec.ts";
import { imageRequests } from "./engine-images.ts";
import { engineRequests, resourceRequests } from "./engine-resources.ts";
import type { Engine } from "./engine-types.ts";

/**
 * Makes the connection to an engine; nothing is sent before the first question.
 *
 * @throws DockerError where the certificates of a TLS engine cannot be read
 */
export async function openEngine(address: EngineAddress): Promise<Engine> {
  const description = `${formatEngineAddress(address)} (${address.source})`;
  const place = { description, remote: address.kind === "stream" };
  const context: EngineContext = {
    ...(await connectClient(address)),
    ask: async (action, request) => {
      try {
        return await request();
      } catch (error) {
        throw explainDockerFailure(action, place, error);
      }
    },
  };
  return {
    ...place,
    ...engineRequests(context),
    ...imageRequests(context),
    ...containerRequests(context),
    ...execRequests(context),
    ...attachRequests(context),
    ...resourceRequests(context),
  };
}

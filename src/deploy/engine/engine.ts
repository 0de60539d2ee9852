import type { EngineContext } from "./ask.ts";
import { attachRequests } from "./attach.ts";
import { connectClient } from "./client.ts";
import { containerRequests } from "./containers.ts";
import { type EngineAddress, formatEngineAddress } from "./endpoint.ts";
import { explainDockerFailure } from "./error.ts";
import { execRequests } from "./exec.ts";
import { imageRequests } from "./images.ts";
import { engineRequests, resourceRequests } from "./resources.ts";
import type { Engine } from "./types.ts";

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

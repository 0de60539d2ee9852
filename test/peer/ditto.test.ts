import { expect, test } from "vitest";
import { openDittoStore, readKeys } from "../../src/peer/store/ditto.ts";

const options = {
  ...{
    name: "a",
    peers: ["a", "b"],
    listen: { host: "127.0.0.1", port: 1 },
    folder: "/nowhere",
    heartbeatMs: 1000,
  },
  accepts: () => true,
};

test("keys are those of a licence, or of a token and its server", () => {
  expect(readKeys("f", "DITTO_APP_ID=x\nDITTO_LICENSE='y'\n")).toEqual({ app: "x", licence: "y" });
  const served = "DITTO_APP_ID=x\nDITTO_PG_TOKEN=t\nDITTO_AUTH_URL=wss://ditto.example\n";
  expect(readKeys("f", served)).toEqual({ app: "x", token: "t", server: "wss://ditto.example" });
});

test.each([
  ["", "DITTO_APP_ID and DITTO_LICENSE is missing"],
  ["DITTO_APP_ID=\nDITTO_LICENSE=hush\n", "DITTO_APP_ID is missing"],
  ["DITTO_APP_ID=x\n", "DITTO_LICENSE is missing"],
  ["DITTO_APP_ID=x\nDITTO_PG_TOKEN=hush\n", "DITTO_AUTH_URL is missing"],
])("a missing key is named, and no value is shown: %j", (text, message) => {
  expect(() => readKeys("keys.env", text)).toThrow(`keys.env: ${message}`);
  expect(() => readKeys("keys.env", text)).not.toThrow(/hush/);
});

test("a missing file is named", async () => {
  const opened = openDittoStore({ ...options, secretsFile: "/nowhere/.secret.env" });
  await expect(opened).rejects.toThrow(
    "/nowhere/.secret.env: there is no such file. It holds the keys of Ditto.",
  );
});

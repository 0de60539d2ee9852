import { expect, test } from "vitest";
import {
  formatHostsFile,
  formatKnownHosts,
  hostsFileMark,
  type TestHost,
} from "../../../src/deploy/testbed/layout.ts";

const host: TestHost = {
  name: "baleen-testbed-0",
  address: "127.0.1.1",
  sshPort: 22,
  user: "ubuntu",
  keyFile: "/state/id_ed25519",
  hostKey: "ssh-ed25519 AAAA",
  privateAddress: "172.18.0.2",
};
const options = { knownHostsFile: "/state/known_hosts", nodePorts: true, testbed: "default" };

test("a hosts file says what made it, how it is used, and how to reach each host", () => {
  const second = { ...host, name: "baleen-testbed-1", address: "127.0.1.2", privateAddress: "172.18.0.3" };
  expect(formatHostsFile([host, second], options)).toBe(`${hostsFileMark}
# Use them:    npx benchmark --network-type remote --hosts THIS_FILE --committee 2 --allow-no-faults
# Remove them: npx baleen testbed down

MYSTICETI_KNOWN_HOSTS=/state/known_hosts

# baleen-testbed-0
MYSTICETI_NODE0_HOST=127.0.1.1
MYSTICETI_NODE0_SSH_PORT=22
MYSTICETI_NODE0_SSH_USER=ubuntu
MYSTICETI_NODE0_SSH_KEY=/state/id_ed25519
MYSTICETI_NODE0_PRIVATE_HOST=172.18.0.2

# baleen-testbed-1
MYSTICETI_NODE1_HOST=127.0.1.2
MYSTICETI_NODE1_SSH_PORT=22
MYSTICETI_NODE1_SSH_USER=ubuntu
MYSTICETI_NODE1_SSH_KEY=/state/id_ed25519
MYSTICETI_NODE1_PRIVATE_HOST=172.18.0.3
`);
});

test("where the nodes' ports are not published, it says that their RPC is reached through SSH", () => {
  expect(formatHostsFile([host], { ...options, nodePorts: false })).toContain(
    "--hosts THIS_FILE --committee 1 --allow-no-faults --rpc-via ssh\n",
  );
});

test("that of a testbed with a name says how to remove that one", () => {
  expect(formatHostsFile([host], { ...options, testbed: "second" })).toContain(
    "\n# Remove them: npx baleen testbed down --name second\n",
  );
});

test.each([
  ["/with a blank/key", "'/with a blank/key'"],
  ['/with "quotes"/$HOME/`x`;y', "'/with \"quotes\"/$HOME/`x`;y'"],
  ["/it's/key", `"/it's/key"`],
  ['/it\'s "both"\\/key', `"/it's \\"both\\"\\\\/key"`],
  ["/two\nlines", '"/two\\nlines"'],
])("the path %j is written as %s", (keyFile, written) => {
  expect(formatHostsFile([{ ...host, keyFile }], options)).toContain(
    `\nMYSTICETI_NODE0_SSH_KEY=${written}\n`,
  );
});

test("known hosts name the port where it is not the usual one", () => {
  const other = { address: "127.0.0.1", sshPort: 2223, hostKey: "ssh-ed25519 BBBB" };
  expect(formatKnownHosts([host, other])).toBe(
    "127.0.1.1 ssh-ed25519 AAAA\n[127.0.0.1]:2223 ssh-ed25519 BBBB\n",
  );
});

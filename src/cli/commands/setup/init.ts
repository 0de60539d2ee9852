import type { Diagnostic } from "../../../core/errors.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import { show } from "../../../options/rules/rule.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import { camelCase } from "../../options/option.ts";
import { optionsOf } from "../../options/option-table.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { runInitCompose } from "./init-compose.ts";
import { checkName, occupied, planOptionsFile, schemaName, writeOptionsFile } from "./options-file.ts";

/** `init [FILE]`: writes a file of options to begin with, and sees to it that editors find its schema. */
export const runInit: Command = async (request, context, backend) => {
  const [path = "bench.yaml", ...more] = request.words;
  if (path === "compose") return await runInitCompose(request, context, backend);
  const { yes } = readOwn(request, { yes: false });
  refuseUnused(
    request,
    Object.keys(request.given).filter((name) => !isGeneral(name)),
    "init FILE",
  );
  request.diagnostics.push(...more.map(refuseStray));
  const plan = planOptionsFile(path);
  const { made, schema } = plan;
  const check = async () => (yes ? [] : occupied(plan).map(refuseOccupied));
  await preflight([...request.diagnostics, ...checkName(path)], [check], context.signal);
  await writeOptionsFile(plan, formatInitialFile);
  const file = quoteArgv([path]);
  const lines = [
    `Written: ${path}${schema.isCopied ? `, and ${schemaName} for completion in editors` : ""}`,
    `  npx baleen validate ${file}`,
    `  npx baleen benchmark --config ${file}`,
  ];
  printFound(context, () => ({ written: made }), lines.join("\n"));
  return 0;
};

const isGeneral = (given: string) =>
  optionsOf("init").some(({ name, group }) => camelCase(name) === given && /General|Results/.test(group));

function refuseStray(word: string): Diagnostic {
  const message = `${show(word)}: init FILE takes one file. Remove it, or use init compose FOLDER.`;
  return { code: "stray-argument", message };
}

/** What is there already stays, unless it is just what would be written. */
function refuseOccupied(path: string): Diagnostic {
  const message = `${path}: already exists. Use another name, or --yes to overwrite it.`;
  return { code: "file-exists", message };
}

/** What `baleen init` writes. A # with no space behind it is a setting that is off: each such block is valid. */
const body = String.raw`#
# A benchmark, for: baleen benchmark --config FILE
#
# Every option of the command line may stand here, by its name; baleen benchmark --help
# tells all of them. Sections only group them: "load: {duration: 60}" is "duration: 60".
# A line with a # right before its key is off, and shows what may be said.
#
# A flag counts before a variable of the environment (BALEEN_DURATION), that before this
# file, and this file before the default. Paths count from the folder of this file.
# $\{NAME} in a value is a variable of the environment, $\{NAME:-4} is 4 where it is not set,
# and $$ is a dollar. No message about this file shows what a variable stands for; but the
# results do, so a secret does not belong here.
#
# Look whether it is right, without starting anything: baleen validate FILE

# The system under test: a name (baleen protocols lists them), or the path of a YAML file
# that describes one.
#protocol: mysticeti

# Or with its options, which baleen protocols NAME lists. A program that is not part of this
# package may be named by "binary: PATH" or "image: NAME".
#protocol:
#  name: mysticeti
#  options: {leaderTimeoutMs: 250, leadersPerRound: 2}

network:
  # local: this machine. remote: hosts over SSH. both: one after the other, and compared.
  type: local
  # docker, process, or auto: docker where an engine answers.
  runtime: auto
  # How many nodes. Four are the fewest that go on when one fails.
  committee: 4
  # Containers and networks are removed at the end. Off: the last network keeps running.
  cleanup: true
  # All loads share one network. Off: each has a fresh one.
  #keep-network: true

  # Of a remote network: a file of hosts (hosts.example.env shows every key) ...
  #hosts: hosts.env

  # ... or the hosts themselves.
  #hosts:
  #  - address: 10.0.1.10
  #    user: ubuntu
  #    key: ~/.ssh/id_ed25519
  #  - address: 10.0.1.11

load:
  # Transactions per second; one run each.
  loads: [100, 200, 500]
  # Seconds of each run that are measured, after a warm-up that is not.
  duration: 60
  #warm-up: 6
  # Bytes of each transaction.
  transaction-size: 512
  # Runs of each load. Five are the fewest for a verdict of baleen compare.
  #runs: 5
  # http, http-batch or websocket.
  #transport: http
  # Threads that generate the load: a number, or auto.
  #clients: auto

  # How the load changes in the window, in multiples of it.
  #profile: sine:0.5..1.5/20s

  # Parts of the window with results of their own, in place of a profile.
  #phases:
  #  - {name: calm, share: 0.8, level: 1}
  #  - {name: peak, share: 0.2, level: 2}

  # The highest sustained load, in place of a list of loads.
  #search:
  #  from: 100
  #  to: 20000
  #  latency: 1000

# Emulated links between the nodes: a name (baleen links lists them), or a links file ...
#links: aws-5

# ... or what it would say.
#links:
#  default: {delay: 50ms, jitter: 5ms}
#  node-pairs:
#    - {from: node0, to: node1, loss: 1%}

# What happens within the window: a name, such as jamming, or a list.
#timeline:
#  - {at: 20s, for: 10s, isolate: node3}

# Nodes that crash when the window opens. With recovery they come back after the interval,
# and others crash in turn.
#faults:
#  nodes: 1
#  recovery: true
#  interval: 20

# What must hold at each load; else the exit code is 3.
thresholds:
  - success_rate>=99%
  #- commit.p99<2s

# An earlier result, for thresholds about a change, such as throughput>-5%.
#baseline: $\{BASELINE}

results:
  # Each sweep makes a folder of its own in it.
  output-dir: ./benchmarks
  # For pipelines.
  #junit: report.xml
  #markdown: summary.md
`;

/** @param schema path of the JSON Schema, as seen from the file's folder, with "/" */
export function formatInitialFile(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n${body.replaceAll("\\{", "{")}`;
}

/**
 * How each command of the pages is run by the tests. A session is a user's folder in which commands follow one another;
 * a flag that is given twice counts as it was given last, so overrides stand behind what the page has.
 */
import { alone, brief, orFailed, type Session, small } from "./documented-command.ts";
import { systemSessions } from "./documented-systems.ts";

export type { DocumentedCommand, Session } from "./documented-command.ts";

/** One load, and one network for all of its runs. */
const compared = ["--loads=100", ...brief, "--keep-network"];

/** A busy machine is not what is tested here. */
const fewBrowsers = ["--peers=2", "--duration=4", "--warm-up=1"];

export const sessions: readonly Session[] = [
  // README.md
  {
    on: "project",
    commands: [
      { line: "npm start", more: ["--", "--runtime=process", "--local-loads=20", ...brief] },
      { line: "npm run build", says: /^/ },
      { line: "npx baleen protocols", says: /mysticeti.*cometbft.*ethereum/s },
    ],
  },
  // docs/dashboard.md
  alone("processes", "npx baleen serve", {
    more: ["--port=0"],
    interruptedAt: /Press Ctrl-C/,
    codes: [130],
    says: /^http:/,
  }),
  alone("processes", "npx baleen serve --listen 0.0.0.0", {
    more: ["--port=0", "--listen=127.0.0.1"],
    interruptedAt: /Press Ctrl-C/,
    codes: [130],
    says: /^http:/,
  }),
  alone("processes", "npx baleen serve --events-dir events", {
    more: ["--port=0"],
    interruptedAt: /Press Ctrl-C/,
    codes: [130],
    says: /^http:/,
  }),
  alone("processes", "npx benchmark --loads 100,500 --duration 60 --dashboard", { more: small }),
  // docs/browsers.md
  ...["npx baleen serve --stats-server-url http://localhost:8086", "npx baleen lighthouse"].map((line) =>
    alone("processes", line, {
      more: ["--port=0"],
      interruptedAt: /Press Ctrl-C/,
      codes: [130],
      says: /^http:/,
    }),
  ),
  {
    on: "processes",
    needs: "chromium",
    commands: [
      {
        line: "npx baleen client-page",
        more: ["--port=0"],
        interruptedAt: /Press Ctrl-C/,
        codes: [130],
        says: /^http:/,
      },
      {
        line: "npx baleen browsers --local",
        more: fewBrowsers,
        codes: orFailed,
        says: /routines of browser peers/,
      },
      {
        line: "npx baleen browsers --local --runs 5 --name new",
        more: [...fewBrowsers, "--runs=1"],
        codes: orFailed,
      },
      {
        line: "npx baleen browsers --local --runs 5 --name old --peer-library @dcl/catalyst-peer@1.0.4",
        more: [...fewBrowsers, "--runs=1"],
        codes: orFailed,
      },
      { line: "npx baleen compare old new", codes: orFailed, says: /relayed/ },
      { line: "npx baleen browsers", refusedFor: ["--peers=2"] },
    ],
  },
  // docs/history.md
  {
    on: "processes",
    commands: [
      {
        line: "npx benchmark --loads 100 --duration 60 --runs 5 --tag commit=4f2a91c",
        more: [...small, "--runs=2"],
        codes: orFailed,
      },
      { line: "npx baleen history check last", says: /^NOTHING TO COMPARE WITH/m },
      { line: "npx baleen history add last", says: /^Added to [0-9a-f]{12}: .*, 2 runs/ },
      {
        line: "npx baleen history check last --markdown history.md --junit history.xml",
        says: /No history of this series/,
      },
      { line: "npx baleen history list", says: /^[0-9a-f]{12} +1 /m },
      { line: "npx baleen history show", says: /4f2a91c/ },
      { line: "npx baleen history show --svg p50-latency", says: /^<svg / },
      { line: "npx baleen history prune --keep 500", says: /^Entries removed: 0, left: 1$/m },
      { line: "npx baleen history prune --before 2026-01-31", says: /^Entries removed: / },
    ],
  },
  // docs/monitoring.md
  {
    on: "processes",
    commands: [
      { line: "npx baleen dashboards monitoring", says: /monitoring/ },
      { line: "npx benchmark --loads 100 --duration 30 --dashboard", more: small },
      { line: "npx baleen export last --openmetrics run.om", says: /run\.om/ },
    ],
  },
  // docs/meshes.md
  alone("processes", "npx baleen mesh --peers 8", {
    more: ["--peers=3", "--loads=6", ...brief],
    codes: orFailed,
    says: /messages among peers/,
  }),
  alone("processes", "npx baleen mesh --peers 8 --preset jamming", {
    more: ["--peers=3", "--loads=6", ...brief, "--duration=60"],
    codes: orFailed,
    says: /TIMELINE jamming/,
  }),
  alone("processes", "npx baleen mesh --peers 5 --topology ring --delay 20ms", {
    more: ["--peers=3", "--loads=6", ...brief],
    codes: orFailed,
    says: /messages among peers/,
  }),
  {
    ...alone(
      "processes",
      "npx benchmark --protocol examples/libp2p/libp2p.yaml --runtime process --committee 8 --loads 16 --duration 30",
      { more: ["--committee=4", ...brief], codes: orFailed, says: /messages among peers/ },
    ),
    needs: "libp2p",
  },
  alone("processes", "npx benchmark --config examples/mesh/mesh.yaml", {
    more: ["--committee=3", "--loads=6", ...brief, "--duration=60"],
    codes: orFailed,
    says: /messages among peers/,
  }),
  // docs/links.md
  alone("processes", "npx baleen links", { says: /aws-5.*satellite/s }),
  alone("processes", "npx baleen links aws-5", { says: /node4 ap-southeast-2/ }),
  alone("processes", "npx baleen links aws-10 --committee 25", { says: /25 nodes/ }),
  alone("hosts", "npx baleen links --probe --hosts hosts.env", { says: /One-way delay in ms.*2 hosts/ }),
  alone("processes", "npx benchmark --links aws-5 --committee 10", {
    more: [...small, "--committee=4"],
    says: /aws-5/,
  }),
  alone("processes", "npx benchmark --links aws-5 --timeline jamming", {
    more: [...small, "--duration=60"],
    says: /jamming/,
  }),
  alone(
    "processes",
    "npx benchmark --protocol flows --committee 3 --runtime process --loads 50 --duration 10",
    {
      says: /FLOWS:/,
      codes: orFailed,
    },
  ),
  {
    on: "processes",
    commands: [
      { line: "npx baleen map examples/handover/links.yaml", says: /^<svg / },
      {
        line: "npx benchmark --config examples/handover/handover.yaml",
        // Those that hand over.
        more: ["--vary=protocol.network=babel,bird"],
        codes: orFailed,
        says: /HANDOVERS:/,
      },
      { line: "npx baleen map last/protocol.network=babel --at 22s", says: /^<svg / },
    ],
  },
  alone(
    "processes",
    "npx benchmark --protocol examples/bench-link/check.yaml --committee 2 --runtime process --loads 200 --duration 5",
    { says: /^bulk +node0 to node1 +\d+ +\d\.\d% +2 /m, codes: orFailed },
  ),
  alone(
    "processes",
    "npx benchmark --runtime process --links examples/moving/links.yaml --timeline examples/moving/timeline.yaml --loads 100 --duration 30",
    { more: [...small, "--duration=30"], says: /Moves: links changed \d+ times/ },
  ),
  alone("docker", "npx benchmark --network-type local", { more: [...small, "--cleanup-thorough"] }),
  alone("docker", "npx benchmark --network-type local --loads 100,500 --duration 60 --cleanup", {
    more: ["--loads=20,40", ...brief],
    says: /SUMMARY.*\b20 .*\b40 /s,
  }),
  alone("processes", "npx benchmark --loads 100,200 --runs 5 --duration 60", {
    more: [...small, "--runs=2"],
    says: /OVER 2 RUNS/,
  }),
  alone("processes", "npx benchmark --search --duration 60", {
    more: [...brief, "--duration=5", "--search-from=20", "--search-to=40"],
    codes: orFailed,
    says: /highest sustained load/i,
  }),
  alone("processes", "npx benchmark --loads 100 --assert 'commit.p99<500ms' --assert 'efficiency>=95%'", {
    more: small,
    codes: orFailed,
    says: /ASSERTIONS/,
  }),
  alone("processes", "npx local-network --num-transactions 2000 --transaction-rate 200", {
    more: ["--num-transactions=40", "--warm-up=0.5"],
    says: /Successful.*: 40\b/,
  }),
  // docs/configuration.md
  {
    on: "processes",
    commands: [
      { line: "npx baleen init", says: /bench\.yaml/ },
      { line: "npx baleen validate bench.yaml", says: /bench\.yaml: .*valid/ },
      {
        line: "npx baleen benchmark --config bench.yaml",
        more: ["--runtime=process", ...small],
        codes: orFailed,
      },
    ],
  },
  // docs/load.md
  {
    on: "processes",
    commands: [
      {
        line: "npx benchmark --loads 200 --duration 60 --profile ramp:0..1",
        more: [...small, "--loads=20,40"],
        interruptedAt: /^Run 1 finished/,
        codes: [130],
        keep: ["20240115T103000Z-local-3f9a2c1e"],
      },
      { line: "npx benchmark --resume benchmarks/20240115T103000Z-local-3f9a2c1e", says: /^SUMMARY/m },
      // docs/local.md
      { line: "npx baleen ls", says: /3f9a2c1e/ },
      { line: "npx baleen show last", says: /^SUMMARY/m },
      { line: "npx baleen status", says: /^/ },
    ],
  },
  alone("processes", "npx benchmark --loads 100,200 --duration 60 --vary committee=4,7,10", {
    more: small,
    codes: orFailed,
    says: /VARIED: committee/,
  }),
  alone(
    "processes",
    "npx benchmark --loads 100 --duration 60 --vary committee=4,7 --vary transaction-size=128,512,4096",
    { more: small, codes: orFailed, says: /VARIED: committee, transaction-size/ },
  ),
  alone("processes", "npx benchmark --loads 100 --duration 60 --vary protocol.minRoundDelay=10,50", {
    more: small,
    codes: orFailed,
    says: /VARIED: protocol\.minRoundDelay/,
  }),
  {
    on: "processes",
    commands: [
      {
        line: "npx benchmark --loads 100 --duration 60 --name nightly --tag branch=main --tag cpu=epyc",
        more: small,
      },
      { line: "npx baleen ls --name night --tag branch=main", says: /"nightly"/ },
      { line: "npx baleen show nightly", says: /^SUMMARY/m },
    ],
  },
  alone("processes", "npx benchmark --loads 200 --phases day.yaml", {
    more: ["--loads=20", "--warm-up=0.5", "--drain=10"],
    says: /night.*morning.*rush/s,
  }),
  alone("processes", "npx benchmark --profile closed:64 --duration 60", { more: brief, says: /64/ }),
  alone("processes", "npx benchmark --loads 200 --duration 60 --transport websocket", {
    more: small,
    says: /Transport: websocket/,
  }),
  alone("processes", "npx benchmark --loads 200 --duration 60 --in-flight-per-connection 64", {
    more: small,
  }),
  alone("processes", "npx benchmark --loads 200 --duration 60 --clients 2 --pacing eco", { more: small }),
  alone("processes", "npx benchmark --faults 1", { more: [...small, "--duration=2"], says: /node3 crash/ }),
  alone("processes", "npx benchmark --faults 1 --crash-recovery --crash-interval 60", {
    more: [...small, "--duration=12", "--crash-interval=6"],
    codes: orFailed,
    says: /node3 recover/,
  }),
  alone("processes", "npx benchmark --committee 7 --faults 2 --failover", {
    more: [...small, "--duration=2"],
    says: /2 of 7 nodes.*Failover: /s,
  }),
  // docs/local.md
  alone("processes", "npx benchmark --network-type local --runtime process --loads 600 --duration 30", {
    more: small,
    says: /Runtime: process/,
  }),
  alone("docker", "npx local-network --num-transactions 2000 --transaction-rate 200 --cleanup", {
    more: ["--num-transactions=40", "--warm-up=0.5"],
    says: /Successful.*: 40\b/,
  }),
  {
    on: "processes",
    commands: [
      { line: "npx baleen clean", says: /^/ },
      { line: "npx baleen clean --yes", says: /^/ },
    ],
  },
  alone("processes", "npx benchmark --rpc-base-port 30000 --metrics-base-port 30100 --loads 100 --cleanup", {
    more: small,
  }),
  {
    on: "docker",
    commands: [
      { line: "npx baleen init compose my-network", says: /^Written: my-network\/docker-compose\.yml/ },
      {
        line: "npx benchmark --docker-compose-path my-network/docker-compose.yml --loads 100 --duration 30 --cleanup-thorough",
        more: small,
      },
    ],
  },
  // It finds what the machine of the tests has; a fault makes its exit code 1.
  alone("processes", "npx baleen doctor", { codes: [0, 1], says: /Node\.js/ }),
  alone("processes", "npx benchmark --loads 100 --duration 10 --json", {
    more: small,
    says: /"schema": ?"baleen\.results\/1"/,
  }),
  // docs/numbers.md
  alone(
    "processes",
    "npx benchmark --runtime process --loads 100 --runs 4 --warm-up 3 --min-round-delay 500 --leader-timeout 2000 --duration 1.25",
    { more: ["--runs=1"], codes: orFailed, says: /Efficiency: [\d.]+%\n/ },
  ),
  // docs/numbers.md, docs/results.md
  {
    on: "processes",
    commands: [
      {
        line: "npx baleen benchmark --runs 5 --loads 100,500 --duration 60",
        more: [...compared, "--runs=1"],
        keep: ["A", "B"],
      },
      {
        line: "npx baleen calibrate --runs 5 --loads 100,500 --duration 60",
        more: [...compared, "--runs=4"],
        keep: ["C"],
        says: /calibration\.json/,
      },
      {
        line: "npx baleen compare benchmarks/A benchmarks/B --calibration benchmarks/C/calibration.json",
        says: /100 tx\/s: no verdict/,
      },
      {
        line: "npx benchmark --loads 100 --baseline benchmarks/A --assert 'throughput>-5%'",
        more: compared,
        codes: orFailed,
        says: /ASSERTIONS/,
      },
      {
        line: "npx baleen report benchmarks/B --junit report.xml --markdown report.md",
        codes: orFailed,
        says: /SUMMARY/,
      },
      {
        line: "npx baleen report benchmarks/B --html page.html --csv runs.csv",
        codes: orFailed,
        says: /^VERDICT/,
      },
      { line: "npx baleen report benchmarks/B --svg percentiles", codes: orFailed, says: /^<svg / },
      { line: "npx baleen verify benchmarks/B", says: /^AGREES/m },
    ],
  },
  ...systemSessions,
];

/** Page that is followed as a whole, by a test of its own: its commands, and the files that it has its reader write. */
export const followedPage = "docs/your-own-node.md";

/**
 * Page whose commands are the examples of the help, made of the table of commands: reference.test.ts parses each by the
 * real option tables, and what they do is what commands of the other pages do.
 */
export const parsedPage = "docs/reference.md";

/** Commands that no test runs, and why; what of them can be wrong, other tests see. */
export const elsewhere: Readonly<Record<string, string>> = {
  "npx benchmark --config examples/bench-link/bench.yaml":
    "it takes a quarter of an hour; test/cli/bench-link.full.serial.test.ts has shorter runs of it",
  "npx benchmark --vary runtime=process,docker --turns --runs 5 --loads 100 --baseline runtime=process --assert 'throughput>-10%'":
    "test/cli/bench-link.full.serial.test.ts holds other points against one",
  "npx benchmark --protocol examples/libp2p/libp2p.yaml --runtime process --vary committee=4,8,16,32 --loads 16 --duration 20 --runs 3":
    "it takes seven minutes; test/cli/libp2p.full.test.ts varies two sizes, with the same picture",
  "apt-get install --no-install-recommends chromium fonts-dejavu-core":
    "scripts/apt.mjs installs them for npm run test:full",
  "npx baleen browsers --image-file browsers.tar.gz":
    "test/cli/browsers.full.test.ts loads such an image, and runs it",
  "docker load -i browsers.tar.gz": "likewise",
  "npx baleen browsers --hosts hosts.env --peers 20":
    "test/cli/remote-browsers.full.test.ts has two browsers on two hosts",
  "npx benchmark --config examples/handover/handover.yaml --network-type remote --hosts hosts.env --runtime docker":
    "it takes some six minutes; test/cli/remote-flows.full.test.ts has a shorter scenario on two hosts",
  "export TEST_ID=demo RESULTS_SERVER_URL=http://10.0.0.5:9904":
    "test/cli/browsers.full.test.ts sets them to servers of its own",
  "export LIGHTHOUSE_URL=http://10.0.0.5:9000 CLIENT_URL=http://10.0.0.5:7654": "likewise",
  "npm install @dittolive/ditto": "test/peer/ditto.full.test.ts installs it elsewhere",
  "npx benchmark --config examples/mesh/ditto.yaml":
    "it takes a licence; test/peer/ditto.full.test.ts has the SDK without one",
  "examples/libp2p/build.sh": "test/support/libp2p.ts builds it",
  "git clone <this repository> baleen && cd baleen":
    "the project is here already, and its address is its host's",
  "npx baleen wizard": "it asks: test/cli/wizard.test.ts answers it on a terminal",
  "ssh -L 9904:127.0.0.1:9904 user@host": "ssh's own way; the host is the user's",
  "npx benchmark --config examples/handover/handover.yaml --dashboard":
    "test/cli/live-map.full.serial.test.ts has a page beside a run, and changes links on it",
  "npx benchmark --config examples/handover/handover.yaml --timeline benchmarks/B/timeline-1.yaml":
    "likewise, and replays what was changed",
  "promtool tsdb create-blocks-from openmetrics run.om ./data":
    "test/cli/prometheus.full.serial.test.ts runs it where there is a promtool",
  "npx benchmark --loads 100,500 --duration 60 --monitoring":
    "its images are in a registry; test/scripts/dashboards.test.ts reads the dashboards",
  "npx benchmark --loads 100 --duration 60 --influx 'http://127.0.0.1:8086/?db=baleen'":
    "test/cli/influx.full.serial.test.ts runs it where there is an InfluxDB",
  "npx baleen export last --influx 'http://127.0.0.1:8086/?db=baleen'": "likewise",
  "npx benchmark --loads 100 --duration 600 --assert 'leaking_nodes<=0'":
    "it takes ten minutes; test/cli/leaks.full.test.ts takes two, with nodes that leak",
  "npx benchmark --links ./my-links.yaml":
    "the file is the user's; test/options/checks/links.test.ts reads one",
  "npx benchmark --delay 50ms --jitter 5ms --loss 1% --rate 100mbit":
    "a relay, where there is nothing else, has no loss; test/options/checks/links.test.ts reads the flags",
  "npx baleen links --probe --hosts hosts.env --json | jq .links > measured.yaml":
    "it takes a shell and jq; test/cli/links-probe.full.test.ts reads what it makes",
  "npx benchmark --links ./measured.yaml --committee 7":
    "the file is of the user's hosts; test/cli/links-probe.full.test.ts reads one",
  "npx benchmark --links-like last": "it takes a run on several hosts; test/links/like.test.ts",
  "npx baleen logs node0 -f":
    "it does not end: test/cli/everyday.full.serial.test.ts has it beside a benchmark",
  "./examples/local_network.sh": "it asks: test/cli/wizards.test.ts answers it on a terminal",
  "./examples/remote_network.sh": "likewise",
  "./examples/run_benchmark.sh": "likewise",
  './examples/run_benchmark_auto.sh --local-committee 8 --duration 300 --local-loads "100,500,1000"':
    "it takes a quarter of an hour; test/cli/run-benchmark-auto.full.test.ts runs the script in a container",
  "docker compose -f my-network/docker-compose.yml up -d":
    "Debian has no plugin: test/cli/init-compose.test.ts runs the compose command that there is",
  "echo '{\"type\":\"hello\"}' | curl -H 'content-type: application/x-ndjson' --data-binary @- 'http://127.0.0.1:9904/events?stream=demo&at=0'":
    "it takes a shell; test/server/http/server.test.ts pushes the same",
  "curl 'http://127.0.0.1:9904/events?stream=demo&from=0'": "likewise",
  ...Object.fromEntries(
    [
      "curl -X POST http://127.0.0.1:9904/test/demo",
      "curl -X PUT http://127.0.0.1:9904/test/demo/start",
      "curl -X PUT -H 'content-type: application/json' -d @examples/browsers/metrics.json http://127.0.0.1:9904/test/demo/peer/alice/metrics",
      "curl http://127.0.0.1:9904/test/demo",
      "curl -X PUT http://127.0.0.1:9904/test/demo/finish",
      "curl 'http://127.0.0.1:9904/test/demo?dataPoints=true'",
    ].map((line) => [line, "test/cli/results-server.full.test.ts runs it, on a free port"]),
  ),
  "curl http://127.0.0.1:26657/status": "likewise, it asks the same of other ports",
  "docker compose -f my-network/docker-compose.yml down": "likewise",
  "npm ci": "the packages are installed, or no test would run",
  "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.26":
    "scripts/go-programs.ts builds that version for the tests, from the same module",
  "sudo apt-get install etcd-server":
    "it changes the machine; the tests use the etcd of that package, or say that it lacks",
  "cat hosts.env": "it shows a file, which is parsed as --hosts does",
  "promtool tsdb create-blocks-from openmetrics BUNDLE/metrics/1-nodes.openmetrics ./data":
    "test/system/node-metrics.test.ts runs it where there is a promtool",
  "prometheus --storage.tsdb.path=./data --storage.tsdb.retention.time=10y --config.file=prometheus.yml":
    "likewise, and it does not end",
};

#!/usr/bin/env bash
# Runs benchmark in a pipeline: it asks nothing, takes flags, and returns the exit code of benchmark.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat << 'END'
Usage: run_benchmark_auto.sh [options]

Installs and builds what is missing, then runs a benchmark. Asks no questions.

  --network-type TYPE       local, remote (hosts over SSH), or both
                            (default: local)
  --local-committee NODES   nodes of the local network (default: 4)
  --remote-committee NODES  nodes of the remote network (default: 4)
  --local-loads TPS,...     loads of the local network (default: 100,200,500)
  --remote-loads TPS,...    loads of the remote network (default: 50,100,200)
  --duration SECS           of each load (default: 180)
  --transaction-size BYTES  of each transaction (default: 512)
  --startup-wait SECS       longest wait for the network (default: 30)
  --ssh-timeout SECS        longest wait for a host (default: 30)
  --docker-compose-path FILE
                            compose file of the local network
                            (default: ./docker-compose.yml, else a packaged one)
  --output-dir FOLDER       where results are saved (default: ./benchmarks)
  --[no-]console-output     print results (default: true)
  --[no-]file-output        save results (default: true)
  --cleanup                 remove containers and networks at the end
  --cleanup-thorough        also remove volumes and data
  --help                    show this help (also -h)

Accepts all other options of benchmark too, such as --config FILE, --assert,
--junit and --markdown (npx benchmark --help lists them). You can also set
options in the environment (BALEEN_DURATION=60). Name the hosts of a remote
network with --hosts FILE, or with MYSTICETI_NODE0_HOST and so on.

Examples:
  run_benchmark_auto.sh
  run_benchmark_auto.sh --local-committee 8 --local-loads "100,500,1000"
  run_benchmark_auto.sh --network-type remote --remote-loads 50,100 --cleanup

Exit codes:
  0    success
  1    the run failed
  2    usage or configuration error; nothing was started
  3    finished, but a verdict or an assertion failed
  130  interrupted
END
}

for argument in "$@"; do
  case $argument in
    -h | --help)
      usage
      exit 0
      ;;
  esac
done

build
# Nothing can ask: there is no input.
become benchmark "$@" < /dev/null

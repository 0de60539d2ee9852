#!/usr/bin/env bash
# Runs benchmark for a pipeline: nothing is asked, all is said by flags, and the exit code tells how it went.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat << 'END'
Usage: run_benchmark_auto.sh [options]

Installs and builds what is missing, and runs a benchmark without asking
anything.

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
  --cleanup-thorough        volumes and data too
  --help                    show this help; -h too

All other options of benchmark do as well, such as --config FILE, --assert,
--junit and --markdown: npx benchmark --help tells them. They may also stand in
the environment (BALEEN_DURATION=60). The hosts of a remote network are named by
--hosts FILE, or by MYSTICETI_NODE0_HOST and so on.

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
# Whatever would ask for something is told that there is nobody.
become benchmark "$@" < /dev/null

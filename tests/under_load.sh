#!/usr/bin/env bash
# Run the tests beside four loops that keep the processors busy: no test may depend on how quick the machine is.
#
#   tests/under_load.sh -m quick
#
# What follows is passed on to pytest; the exit code is that of pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}

started=()
end() {
  kill "${started[@]}" 2>/dev/null
  wait "${started[@]}" 2>/dev/null
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

busy() { # for as long as this script lives, however it ends
  while kill -0 $$ 2>/dev/null; do
    for ((at = 0; at < 100000; at++)); do :; done
  done
}
for _ in 1 2 3 4; do
  busy &
  started+=($!)
done

set -m # without job control, what a script starts in the background ignores Ctrl-C, and so does all that the tests start
"$python" -m pytest "$@" &
suite=$!
set +m
started+=("$suite")
wait "$suite"

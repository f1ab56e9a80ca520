#!/usr/bin/env bash
# Times whole commands on one file, one project and generated trees; needs a release build and Python, nothing else.
#
#   cargo build --release
#   benches/whole.sh [--runs 5] [--tree NAME=FOLDER] [--write docs/performance.md]
#
# hyperfine, where it is installed, adds a look at the spread of the start-up time.
set -euo pipefail
here=$(dirname "$0")
python3 "$here/whole.py" "$@"
if command -v hyperfine >/dev/null; then
    hyperfine --shell none --warmup 3 "$here/../target/release/leash infer --quiet $here/../examples/orders/src/shared/orders.py"
fi

#!/bin/sh
# Fetches the packages that SOURCES.json pins into a folder, for `cargo run --features mapgen --bin mapgen`.
# usage: api-maps/fetch.sh FOLDER
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
sources=$(cd "$(dirname "$0")" && pwd)/SOURCES.json
mkdir -p "$1" && cd "$1"
python3 - "$sources" <<'PY' |
import json, sys
for name, package in sorted(json.load(open(sys.argv[1])).items()):
    print(package["registry"], name, package["version"], package["file"], package["sha256"])
PY
while read -r registry name version file sha256; do
    if [ ! -f "$file" ]; then
        case $registry in
            pypi) pip download --quiet --no-deps --only-binary=:all: "$name==$version" ;;
            npm) npm pack --silent "$name@$version" >/dev/null ;;
            *) echo "$name: unknown registry $registry" >&2; exit 1 ;;
        esac
    fi
    printf '%s  %s\n' "$sha256" "$file" | sha256sum --check --quiet
done

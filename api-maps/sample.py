#!/usr/bin/env python3
"""Picks operations at random, to be held against AWS's documentation by hand.

    api-maps/sample.py SEED [COUNT] [FOLDER OF api-maps]

Prints each operation's grants, and the page that its entry rests on.
"""
import glob, json, os, random, sys
seed, count = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
root = sys.argv[3] if len(sys.argv) > 3 else os.path.dirname(os.path.abspath(__file__))
entries = {}
for path in sorted(glob.glob(os.path.join(root, "services", "*.json"))):
    service = json.load(open(path))
    entries.update({f'{service["service"]}:{name}': entry for name, entry in service["operations"].items()})
for name in sorted(random.Random(seed).sample(sorted(entries), count)):
    entry = entries[name]
    print(name, entry.get("doc", ""), entry.get("verified", ""))
    for key in ("unknown", "permissionless"):
        if key in entry: print("   ", key, entry[key])
    for grant in entry.get("grants", []):
        kind = "forward" if "forward" in grant else "dependent" if "dependent" in grant else "own"
        when = f' when {json.dumps(grant["when"])}' if "when" in grant else ""
        print("   ", grant["action"], f"({kind})", *[r if isinstance(r, str) else r["arn"] for r in grant.get("resources", []) + grant.get("optional", [])] or ["*"], when)

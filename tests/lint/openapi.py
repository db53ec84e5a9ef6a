#!/usr/bin/env python3
"""Every route of the router stands in openapi.json, and nothing stands there that is no route."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDED = re.compile(r'(?:router\.add\(\s*(?:"(?:GET|POST)"|method)\s*,|add\()\s*"(/[^"]*)"')
REPLAY_ONLY = {"/v1/clock"}  # exists only under --virtual-clock


def main() -> int:
    routes = set()
    for file in (ROOT / "gateway/api").glob("*.cpp"):
        routes.update(ADDED.findall(file.read_text(encoding="utf-8")))
    described = set(json.loads((ROOT / "gateway/api/openapi.json").read_text(encoding="utf-8"))["paths"])
    for route in sorted(routes - described - REPLAY_ONLY):
        print(f"gateway/api/openapi.json: {route} is not described")
    for route in sorted(described - routes):
        print(f"gateway/api/openapi.json: {route} is no route")
    return 1 if (routes - REPLAY_ONLY) ^ described else 0


if __name__ == "__main__":
    sys.exit(main())

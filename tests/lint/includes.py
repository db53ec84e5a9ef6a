#!/usr/bin/env python3
"""Proves the direction of includes: config <- notify <- survey <- gateway, third-party headers only where they may
be, and inside the gateway that endpoints do not see the storage nor the storage the server."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ["config", "notify", "survey", "gateway"]
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]')

# header prefix -> the only files (prefixes) that may include it
FENCED = {
    "toml++/": ["config/"],
    "curl/": ["notify/provider/http_client.cpp"],
    "boost/beast": ["gateway/http/server.cpp"],
    "SQLiteCpp/": ["gateway/storage/"],
    "sqlite3.h": ["gateway/storage/"],
    "CLI/": ["gateway/cli/command_line.cpp"],
    "spdlog/": ["gateway/telemetry/log.cpp"],
    "prometheus/": ["gateway/telemetry/metrics.cpp"],
    "utf8proc": ["survey/text/", "notify/sms/", "config/"],
    "sodium": ["gateway/api/access.cpp"],
}
# inside the gateway: folder -> what it must not include
INSIDE = {
    "gateway/api/": ["gateway/storage/", "gateway/http/server.hpp", "gateway/cli/", "gateway/app.hpp"],
    "gateway/storage/": ["gateway/http/", "gateway/cli/", "gateway/app.hpp"],
    "gateway/http/": ["gateway/storage/", "gateway/api/", "gateway/cli/"],
}


def mistakes_of(path: str, included: str):
    room = ROOMS.index(path.split("/")[0])
    target = included.split("/")[0]
    if target in ROOMS and ROOMS.index(target) > room:
        yield f"{target}/ lies to the right of {ROOMS[room]}/"
    if target == "tests":
        yield "the product must not include its tests"
    for header, places in FENCED.items():
        if included.startswith(header) and not any(path.startswith(place) for place in places):
            yield f"only {', '.join(places)} may include it"
    for folder, forbidden in INSIDE.items():
        if path.startswith(folder) and any(included.startswith(each) for each in forbidden):
            yield f"{folder} must not see it"


def main() -> int:
    found = 0
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.[hc]pp")):
            path = file.relative_to(ROOT).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                for mistake in mistakes_of(path, match.group(1)) if match else ():
                    print(f"{path}:{number}: {match.group(1)}: {mistake}")
                    found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

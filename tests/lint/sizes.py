#!/usr/bin/env python3
"""Files stay below 500 lines and functions below 60, so that each can be read in one go. A function is taken
from clang-format's layout: a line that ends in "{" at an indentation, up to the "}" at the same indentation."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE_LIMIT, FUNCTION_LIMIT = 500, 60
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|enum|union|extern)\b|=\s*\{$|^\s*constexpr .*\{\{?$")


def long_functions(lines):
    for start, line in enumerate(lines):
        if not line.endswith("{") or NOT_A_FUNCTION.search(line) or line.lstrip().startswith("}"):
            continue
        indent = len(line) - len(line.lstrip())
        close = " " * indent + "}"
        for end in range(start + 1, len(lines)):
            if lines[end].startswith(close):
                if end - start + 1 > FUNCTION_LIMIT:
                    yield start + 1, end - start + 1
                break
            if lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) < indent:
                break  # the last line of a constructor's initialisers, which is indented more than its body


def main() -> int:
    found = 0
    for room in ["config", "notify", "survey", "gateway", "tests"]:
        for file in sorted((ROOT / room).rglob("*.[hc]pp")):
            path = file.relative_to(ROOT).as_posix()
            lines = file.read_text(encoding="utf-8").splitlines()
            if len(lines) > FILE_LIMIT:
                print(f"{path}: {len(lines)} lines; split it (limit {FILE_LIMIT})")
                found += 1
            for line, length in long_functions(lines):
                print(f"{path}:{line}: {length} lines in one block (limit {FUNCTION_LIMIT})")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

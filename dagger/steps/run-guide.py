#!/usr/bin/env python3
"""Runs the `sh` blocks of a Markdown guide in one shell, in order; the first that fails ends it.

Usage: run-guide.py GUIDE DIRECTORY
"""
import re
import subprocess
import sys

BLOCK = re.compile(r"^```sh([^\n]*)\n(.*?)^```$", re.M | re.S)
# Programs that the blocks may not call: they need more than the APIs.
PIPELINE = re.compile(r"^\s*(dagger|docker|crane)\b", re.M)
MARK = "run-guide: block"


def blocks(text):
    """Line and content of each block that is run."""
    found = []
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        label, content = match.group(1).strip(), match.group(2)
        if label == "pipeline":
            if not PIPELINE.search(content):
                raise SystemExit(f"line {line}: a block that could be run is marked as one of the pipeline")
        elif label == "":
            found.append((line, content))
        else:
            raise SystemExit(f"line {line}: a block is marked {label}, which nobody knows")
    return found


def script(found):
    """One script, so that a variable of one block is known to the next."""
    parts = ["set -euo pipefail"]
    for line, content in found:
        parts += [f"printf '\\n{MARK} {line}\\n' >&2", content]
    return "\n".join([*parts, f"printf '\\n{MARK} end\\n' >&2"])


def main(guide, directory):
    with open(guide, encoding="utf-8") as file:
        found = blocks(file.read())
    if not found:
        raise SystemExit(f"{guide} has no block to run")
    run = subprocess.run(["bash", "-c", script(found)], cwd=directory, capture_output=True, text=True, timeout=900)
    print(run.stdout, end="")
    reached = re.findall(rf"^{MARK} (\w+)$", run.stderr, re.M)
    if run.returncode != 0 or reached[-1:] != ["end"]:
        print(run.stderr, file=sys.stderr)
        raise SystemExit(f"the block at line {reached[-1] if reached else '?'} of {guide} ended with {run.returncode}")
    print(f"{len(found)} blocks run")


if __name__ == "__main__":
    main(*sys.argv[1:3])

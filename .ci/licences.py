#!/usr/bin/env python3
"""Checks the licences of all dependencies, and that none is banned. Needs no network.

Licences are checked of what is built on this platform, bans for every platform. We offer our code
under MIT or Apache-2.0, so what is linked into it must let users do all that these let them do. What
the explorer is made of is checked by its own build, in explorer/licences.js.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
}

BANNED = {
    "async-std": "a second runtime beside tokio",
    "native-tls": "links the system's OpenSSL; rustls does without",
    "openssl": "links the system's OpenSSL; rustls does without",
    "openssl-sys": "links the system's OpenSSL; rustls does without",
}

ROOT = Path(__file__).resolve().parent.parent


def is_allowed(expression):
    """Whether an SPDX expression leaves us a choice of allowed licences."""
    # Before SPDX, a slash meant a choice.
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def choice():
        allowed = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            # Each side has to be read, whatever the other says.
            allowed = both() or allowed
        return allowed

    def both():
        allowed = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            allowed = one() and allowed
        return allowed

    def one():
        token = tokens.pop(0)
        if token == "(":
            allowed = choice()
            tokens.pop(0)
            return allowed
        if tokens and tokens[0] == "WITH":
            token = " ".join([token, tokens.pop(0), tokens.pop(0)])
        return token in ALLOWED

    return choice()


def metadata():
    version = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    platform = re.search(r"^host: (.+)$", version, re.MULTILINE).group(1)
    command = ["cargo", "metadata", "--offline", "--locked", "--format-version=1"]
    command += ["--filter-platform", platform, "--manifest-path", str(ROOT / "Cargo.toml")]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    problems = []
    about = metadata()
    ours = set(about["workspace_members"])
    built = {node["id"] for node in about["resolve"]["nodes"]} - ours
    for package in about["packages"]:
        if package["id"] not in built:
            continue
        name = f"{package['name']} {package['version']}"
        licence = package["license"]
        if licence is None:
            problems.append(f"{name} names no licence")
        elif not is_allowed(licence):
            problems.append(f"{name} is under {licence}, which is not on the list")

    locked = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    for package in locked:
        if package["name"] in BANNED:
            reason = BANNED[package["name"]]
            problems.append(f"{package['name']} {package['version']} is banned: {reason}")

    for problem in problems:
        print(f"licences: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"licences: {len(built)} dependencies are fine")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares Sanctuary with other linkage programs on the same files, in one go.

    python3 evaluation/run.py                 # FEBRL, pseudopeople, made-up; fills docs/
    python3 evaluation/run.py --data DIR      # and the sets found in a folder (README.md)

Makes a virtual environment in evaluation/.venv, installs the pinned peers from PyPI, builds
`sanctuary-lab` and hands over to `peers/main.py` inside that environment. Needs Python 3.11 or
newer, cargo and a network connection the first time.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
DONE = ENVIRONMENT / "installed.txt"


def main() -> int:
    if sys.version_info < (3, 11):
        print("evaluation: the pinned packages need Python 3.11 or newer", file=sys.stderr)
        return 1
    if not {"-h", "--help"} & set(sys.argv[1:]):
        make_environment()
    elif not PYTHON.exists():
        print(__doc__)
        return 0
    command = [str(PYTHON), "-m", "peers.main", *sys.argv[1:]]
    return subprocess.call(command, cwd=HERE)


def make_environment() -> None:
    """The virtual environment with all that could be installed; again when pins change."""
    wanted = (HERE / "requirements.txt").read_text()
    if DONE.exists() and DONE.read_text() == wanted:
        return
    print("evaluation: making a virtual environment and installing the peers", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    if not install(["-r", str(HERE / "requirements.txt")]):
        install_one_by_one(wanted)
        return
    DONE.write_text(wanted)


def install_one_by_one(wanted: str) -> None:
    """So that one package that cannot be had costs one column and not the table."""
    lines = (line.strip() for line in wanted.splitlines())
    for package in [line for line in lines if line and not line.startswith("#")]:
        if not install([package]):
            print(f"evaluation: could not install {package}; going on without it", flush=True)


def install(arguments: list[str]) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.call(command + arguments) == 0


if __name__ == "__main__":
    sys.exit(main())

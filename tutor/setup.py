"""Puts the wheel of token_payments beside the templates, so that one file installs everything.

The image that Tutor builds gets the very version that this plugin was made with. In an sdist, which
doesn't have the repository around it, the wheel is there already.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
TARGET = HERE / "tutor_token_payments/templates/build/openedx/token-payments"
FILES = ("pyproject.toml", "README.md", "LICENSE")
PACKAGE = "token_payments"
BUILD = "from setuptools import build_meta; import sys; build_meta.build_wheel(sys.argv[1])"


def put_wheel() -> None:
    """Build it from a copy, which leaves nothing in the repository."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in FILES:
            shutil.copy(REPOSITORY / name, copy)
        unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(REPOSITORY / PACKAGE, copy / PACKAGE, ignore=unwanted)
        shutil.rmtree(TARGET, ignore_errors=True)
        TARGET.mkdir(parents=True)
        command = [sys.executable, "-c", BUILD, str(TARGET)]
        subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)


if (REPOSITORY / PACKAGE).is_dir() and {"bdist_wheel", "editable_wheel", "sdist"} & set(sys.argv):
    put_wheel()
setup()

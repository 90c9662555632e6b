"""Build the package, look at what is in it, install it in an empty environment and serve the demo.

The Tutor plugin is built too, and must carry that package.

The mini LMS is copied out of the repository first, so that nothing but the installed wheel can be
what serves. Prints each step; ends with 1 at the first that fails.

    python scripts/check_wheel.py
    python scripts/check_wheel.py --keep dist     also keep what was built, if all is well
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from scripts.demo import Demo, find_free_port  # noqa: E402

STRANGERS = (
    *("mini_lms/", "tests/", "scripts/", "docs/", "tutor/", "tutor_token_payments/"),
    *("common/", "lms/", "openedx/"),
)
TUTOR_PACKAGE = "tutor_token_payments/"
COURSE = "course-v1:Demo+SAFE201+2026"
SERVED = (
    "/",
    f"/courses/{COURSE}/about",
    f"/token-payments/checkout/{COURSE}/",
    "/token-payments/api/v1/docs/",
    "/static/token_payments/reference.js",
    "/static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js",
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, help="the folder for what was built, emptied first")
    kept: Path | None = parser.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="token-payments-wheel-") as folder:
        here = Path(folder)
        wheel = build(here / "dist")
        check_contents(wheel)
        check_tutor_plugin(build(here / "tutor-dist", REPOSITORY / "tutor"), wheel.name)
        python = install(wheel, here / "venv")
        serve(here, python)
        if kept is not None:
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(here / "dist", kept)
            step(f"Kept in {kept}: {', '.join(sorted(each.name for each in kept.iterdir()))}")
    step("The wheel serves the demo")
    return 0


def build(target: Path, source: Path = REPOSITORY) -> Path:
    """The wheel is built from the sdist, so this proves both."""
    step(f"Building sdist and wheel of {source.name}")
    run(sys.executable, "-m", "build", "--outdir", str(target), str(source))
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, target.iterdir()))
    return next(target.glob("*.whl"))


def check_contents(wheel: Path) -> None:
    """The wheel has every file of the package that git has, and nothing of the rest."""
    step(f"Looking into {wheel.name}")
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = run("git", "-C", str(REPOSITORY), "ls-files", "token_payments").split()
    missing = [name for name in listed if name not in packed and (REPOSITORY / name).exists()]
    extra = [name for name in packed if name.startswith(STRANGERS)]
    if missing or extra:
        sys.exit(f"missing from the wheel: {missing}\nnot wanted in the wheel: {extra}")


def check_tutor_plugin(plugin: Path, package: str) -> None:
    """It has all its files, and one wheel: of the package, in this version."""
    step(f"Looking into {plugin.name}")
    packed = set(zipfile.ZipFile(plugin).namelist())
    folder = f"tutor/{TUTOR_PACKAGE}"
    listed = run("git", "-C", str(REPOSITORY), "ls-files", folder).split()
    missing = {name.removeprefix("tutor/") for name in listed} - packed
    carried = [name.rpartition("/")[2] for name in packed if name.endswith(".whl")]
    strangers = [name for name in packed if not name.startswith("tutor_token_payments")]
    if missing or strangers or carried != [package]:
        sys.exit(f"missing: {missing}\nnot wanted: {strangers}\nwheels in it: {carried}")


def install(wheel: Path, target: Path) -> str:
    step("Installing it in an empty environment")
    venv.create(target, with_pip=True)
    python = str(target / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[host]")
    run(python, "-m", "pip", "check")
    return python


def serve(here: Path, python: str) -> None:
    step("Serving the demo from it")
    lms = here / "mini_lms"
    shutil.copytree(
        REPOSITORY / "mini_lms", lms, ignore=shutil.ignore_patterns("var", "__pycache__")
    )
    with Demo(here / "var", find_free_port(), lms=lms, python=python) as demo:
        for path in SERVED:
            with urllib.request.urlopen(demo.url + path, timeout=30) as page:
                step(f"GET {path} -> {page.status}")


def run(*command: str) -> str:
    """What the command printed. Ends the script with it when the command fails."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/"
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def step(text: str) -> None:
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Make a release of this commit: `make release` runs both parts, with `make quality` in between.

    python scripts/release.py --check     say what stands against it; end with 1 if anything does
    python scripts/release.py --tag       the same, then make the annotated tag

Nothing is pushed or uploaded. docs/releasing.md says what comes before and after.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY)]

from scripts import changelog  # noqa: E402 (the path first)

VERSION = re.compile(r'^__version__ = "(.+)"$', re.M)
PACKAGES = ("token_payments", "tutor/tutor_token_payments")
NEXT = """\
Tagged {tag}. Now, as docs/releasing.md has it:
    git push origin {tag}
    twine upload dist/*
and in the next commit, in pyproject.toml:
    last_release = "{commit}"
"""


def main() -> int:
    obstacles = list_obstacles(REPOSITORY)
    for obstacle in obstacles:
        print(f"No release: {obstacle}")
    if obstacles:
        return 1
    if "--tag" in sys.argv:
        tag, commit = make_tag(REPOSITORY)
        print(NEXT.format(tag=tag, commit=commit))
    return 0


def list_obstacles(repository: Path) -> list[str]:
    """What stands against a release of what is checked out here."""
    version = read_version(repository)
    text = (repository / "CHANGELOG.md").read_text()
    obstacles = []
    if changed := ask_git(repository, "status", "--porcelain"):
        obstacles.append(f"the work tree isn't clean:\n{changed}")
    if len({read_version(repository, package) for package in PACKAGES}) > 1:
        obstacles.append(f"{' and '.join(PACKAGES)} have different versions")
    if ask_git(repository, "tag", "--list", f"v{version}"):
        obstacles.append(f"v{version} is released already: raise __version__ in both packages")
    if changelog.compute_version(text) != version:
        obstacles.append(f"the changelog doesn't begin with “## [{version}] - <today>”")
    if changelog.read_section("Unreleased", text):
        obstacles.append(f"entries stand under [Unreleased] that belong under [{version}]")
    return obstacles


def make_tag(repository: Path) -> tuple[str, str]:
    """The annotated tag's name, and the commit that it is on; it says what the changelog says."""
    version = read_version(repository)
    section = changelog.read_section(version, (repository / "CHANGELOG.md").read_text())
    message = f"token_payments {version}\n\n{section}\n"
    # verbatim: headings of the changelog begin like git's comments
    options = ["--annotate", "--cleanup=verbatim", "--message", message]
    ask_git(repository, "tag", *options, f"v{version}")
    return f"v{version}", ask_git(repository, "rev-parse", "HEAD")


def read_version(repository: Path, package: str = PACKAGES[0]) -> str:
    found = VERSION.search((repository / package / "__init__.py").read_text())
    assert found, f"{package} has no __version__"
    return found[1]


def ask_git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

"""What goes into the images: the package into the LMS's, the button into the Catalog MFE's."""

from __future__ import annotations

import email
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import token_payments
from tests.tutor.conftest import Tutor

REPOSITORY = Path(__file__).resolve().parents[2]
NODE = REPOSITORY / "tutor"
BUTTON = NODE / "tutor_token_payments/templates/mfe/build/mfe/token-payments"
WHEEL = f"token_payments-{token_payments.__version__}-py3-none-any.whl"
OPENEDX, MFE = "build/openedx", "plugins/mfe/build/mfe"
SLOT = "org.openedx.frontend.catalog.course_about_page.enrollment_button"


def read_steps(dockerfile: str) -> list[str]:
    """Its instructions, each in one line."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    return [step.strip() for step in "\n".join(lines).replace("\\\n", " ").splitlines()]


def find_step(dockerfile: str, *words: str) -> str:
    [step] = [step for step in read_steps(dockerfile) if all(word in step for word in words)]
    return " ".join(step.split())


class TestPackage:
    def test_the_image_installs_the_wheel_that_the_plugin_carries(self, untouched: Tutor) -> None:
        step = find_step(untouched.read(f"{OPENEDX}/Dockerfile"), WHEEL)
        assert step == (
            "RUN --mount=type=cache,target=/openedx/.cache/pip,sharing=shared "
            "--mount=type=bind,source=token-payments,target=/openedx/token-payments "
            f"$PIP_COMMAND install /openedx/token-payments/{WHEEL}"
        )

    def test_the_build_context_has_the_wheel_of_this_version(self, untouched: Tutor) -> None:
        [path] = (untouched.env / OPENEDX / "token-payments").iterdir()
        with zipfile.ZipFile(path) as wheel:
            assert wheel.testzip() is None
            [metadata] = [name for name in wheel.namelist() if name.endswith("/METADATA")]
            facts = email.message_from_bytes(wheel.read(metadata))
            code = wheel.read("token_payments/apps.py")
        assert path.name == WHEEL
        assert (facts["Name"], facts["Version"]) == ("token-payments", token_payments.__version__)
        assert code == (REPOSITORY / "token_payments/apps.py").read_bytes()

    def test_it_comes_after_the_lmss_own_requirements(self, untouched: Tutor) -> None:
        steps = read_steps(untouched.read(f"{OPENEDX}/Dockerfile"))
        own, ours = (
            next(n for n, step in enumerate(steps) if word in step and "install" in step)
            for word in ("edx/base.txt", WHEEL)
        )
        end = next(n for n, step in enumerate(steps) if step.endswith("AS nodejs-requirements"))
        assert own < ours < end

    def test_the_package_may_come_from_elsewhere(self, tutor: Tutor) -> None:
        address = "git+https://git.example.com/token-payments.git@main"
        tutor.set(PIP_REQUIREMENT=address)
        dockerfile = tutor.read(f"{OPENEDX}/Dockerfile")
        assert f"$PIP_COMMAND install '{address}'" in find_step(dockerfile, address)
        assert WHEEL not in dockerfile

    def test_a_checkout_can_be_mounted(self, tutor: Tutor, tmp_path: Path) -> None:
        checkout = tmp_path / "token-payments"
        checkout.mkdir()
        tutor("mounts", "add", str(checkout))
        tutor("config", "save")
        dockerfile = tutor.read(f"{OPENEDX}/Dockerfile")
        assert 'install -e "/mnt/token-payments"' in dockerfile
        assert f"{checkout}:/mnt/token-payments" in tutor.read("local/docker-compose.prod.yml")


class TestButton:
    def test_the_catalogs_slot_wraps_the_hosts_button(self, untouched: Tutor, release: str) -> None:
        found = read_env_config(untouched)
        ours = [slot for slot in found["slots"] if slot["slot"] == SLOT]
        if release == "21":  # Ulmo has no Catalog MFE: its course page is the LMS's
            assert not ours
            return
        plugin = {
            "op": "PLUGIN_OPERATIONS.Wrap",
            "widgetId": "default_contents",
            "wrapper": "TokenPaymentsButton",
        }
        assert ours == [{"app": "catalog", "slot": SLOT, "plugins": [plugin]}]
        component = {"app": "catalog", "from": "./token-payments/TokenPaymentsButton.jsx"}
        assert component in found["imports"]

    def test_no_other_mfe_imports_the_component(self, untouched: Tutor) -> None:
        imports = read_env_config(untouched)["imports"]
        apps = {found["app"] for found in imports if "token-payments" in found["from"]}
        assert apps <= {"catalog"}

    def test_its_files_are_in_the_build_context_as_they_are(self, untouched: Tutor) -> None:
        copied = untouched.env / MFE / "token-payments"
        files = {path.name: path.read_bytes() for path in copied.iterdir()}
        assert files == {path.name: path.read_bytes() for path in BUTTON.iterdir()}
        assert "TokenPaymentsButton.jsx" in files

    def test_only_the_catalogs_image_gets_them_before_it_is_built(
        self, untouched: Tutor, release: str
    ) -> None:
        steps = read_steps(untouched.read(f"{MFE}/Dockerfile"))
        copies = [n for n, step in enumerate(steps) if "token-payments" in step]
        if release == "21":
            assert not copies
            return
        [ours] = copies
        assert steps[ours] == "COPY token-payments /openedx/app/token-payments"
        stage = next(step for step in reversed(steps[:ours]) if step.startswith("FROM "))
        assert stage.endswith(" AS catalog-common")
        assert "COPY --from=catalog-src / /openedx/app" in steps[:ours]

    def test_an_lms_without_mfes_is_rendered_without_it(self, tutor: Tutor, tmp_path: Path) -> None:
        """Where tutor-mfe isn't even installed."""
        (tmp_path / "tutormfe.py").write_text("raise ImportError")
        tutor("plugins", "disable", "mfe")
        said = tutor("config", "save", PYTHONPATH=str(tmp_path))
        assert "Failed" not in said
        assert WHEEL in tutor.read(f"{OPENEDX}/Dockerfile")


def read_env_config(tutor: Tutor) -> dict[str, Any]:
    """What env.config.jsx says, by a real parser of JSX."""
    path = tutor.env / MFE / "env.config.jsx"
    command = ["node", str(NODE / "tests/read_env_config.mjs"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=NODE)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found

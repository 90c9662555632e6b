"""What runs: the service that queues scheduled work, the init task, the check."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.tutor.conftest import Tutor

BEAT = "token-payments-beat"
MINI_LMS = Path(__file__).resolve().parents[2] / "mini_lms"
PATIENCE = 60  # seconds until a beat that doesn't start fails


def read_services(tutor: Tutor) -> dict[str, Any]:
    return yaml.safe_load(tutor.read("local/docker-compose.prod.yml"))["services"]


def read_deployments(tutor: Tutor) -> dict[str, Any]:
    found = yaml.safe_load_all(tutor.read("k8s/deployments.yml"))
    return {deployment["metadata"]["name"]: deployment for deployment in found if deployment}


class TestBeat:
    def test_compose_runs_it_as_it_runs_the_worker(self, untouched: Tutor) -> None:
        services = read_services(untouched)
        beat, worker = services[BEAT], services["lms-worker"]
        for key in ("image", "environment", "restart", "depends_on"):
            assert beat[key] == worker[key]
        shared = [mount for mount in worker["volumes"] if "/data/" not in mount]
        assert beat["volumes"] == shared
        assert beat["command"][:3] == ["celery", "--app=lms.celery", "beat"]

    def test_kubernetes_runs_one_as_it_runs_the_worker(self, untouched: Tutor) -> None:
        deployments = read_deployments(untouched)
        beat, worker = (deployments[name]["spec"] for name in (BEAT, "lms-worker"))
        assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
        pod, worker_pod = beat["template"]["spec"], worker["template"]["spec"]
        assert pod["volumes"] == worker_pod["volumes"]
        assert pod["securityContext"] == worker_pod["securityContext"]
        [container], [worker_container] = pod["containers"], worker_pod["containers"]
        for key in ("image", "env", "volumeMounts", "securityContext"):
            assert container[key] == worker_container[key]
        labels = beat["template"]["metadata"]["labels"]
        assert beat["selector"]["matchLabels"] == labels == {"app.kubernetes.io/name": BEAT}

    def test_both_run_the_same_command(self, untouched: Tutor) -> None:
        deployment = read_deployments(untouched)[BEAT]
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert container["args"] == read_services(untouched)[BEAT]["command"]

    def test_celery_understands_the_command(self, untouched: Tutor, tmp_path: Path) -> None:
        """Run with the miniature LMS, whose Celery app has the same name."""
        program, *arguments = read_services(untouched)[BEAT]["command"]
        arguments = [word.replace("/tmp/", f"{tmp_path}/") for word in arguments]
        log = tmp_path / "log"
        with log.open("w") as output:
            beat = subprocess.Popen(
                [str(Path(sys.executable).with_name(program)), *arguments],
                cwd=MINI_LMS,
                env={**os.environ, "MINI_LMS_VAR": str(tmp_path), "PYTHONPATH": str(MINI_LMS)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while "beat: Starting..." not in log.read_text():
                assert beat.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        finally:
            beat.terminate()
            beat.wait()

    def test_a_site_with_a_beat_of_its_own_can_leave_it_out(self, tutor: Tutor) -> None:
        tutor.set(RUN_BEAT=False)
        assert BEAT not in read_services(tutor)
        assert BEAT not in read_deployments(tutor)


class TestJobs:
    def test_init_migrates_and_checks_the_settings(self, tutor: Tutor) -> None:
        tutor("local", "do", "init", "--limit=token-payments")
        [script] = find_scripts(tutor)
        assert script.splitlines()[-1] == (
            "./manage.py lms migrate token_payments && ./manage.py lms check --tag token_payments"
        )

    def test_check_runs_what_the_installation_page_tells(self, tutor: Tutor) -> None:
        tutor("local", "do", "token-payments-check")
        assert [script.splitlines()[-1] for script in find_scripts(tutor)] == [
            "./manage.py lms check --tag token_payments",
            "./manage.py lms token_payments_check_host",
            "./manage.py lms token_payments_doctor",
        ]


def find_scripts(tutor: Tutor) -> list[str]:
    """What was run in containers of the LMS's jobs."""
    calls = [call for call in tutor.read_calls() if "lms-job" in call]
    assert all("run" in call for call in calls)
    return [call[-1] for call in calls]

"""How settings are built, seen by a plugin that only its entry point makes known.

Each test starts a Python of its own: settings are built once in a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

APPS = """
from django.apps import AppConfig

class ProbeConfig(AppConfig):
    name = "probe_plugin"
    plugin_app = {
        "settings_config": {"lms.djangoapp": {
            "common": {"relative_path": "settings_common"},
            "production": {"relative_path": "settings_production"},
            "test": {"relative_path": "settings_test"},
        }},
        "url_config": {"lms.djangoapp": {
            "namespace": "probe", "regex": "^", "relative_path": "urls",
        }},
        "signals_config": {"lms.djangoapp": {"relative_path": "receivers", "receivers": [{
            "receiver_func_name": "on_created",
            "signal_path": "openedx_events.learning.signals.COURSE_ENROLLMENT_CREATED",
        }]}},
    }
"""
HOOK = """
def plugin_settings(settings):
    settings.PROBE_CALLS = [*getattr(settings, "PROBE_CALLS", []), {name!r}]
    settings.PROBE_SAW_{NAME} = {{
        "filters": sorted(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", {{}})),
        "tokens": hasattr(settings, "ENV_TOKENS"),
    }}
    settings.OPEN_EDX_FILTERS_CONFIG = {{
        **getattr(settings, "OPEN_EDX_FILTERS_CONFIG", {{}}), "probe.{name}": {{}}
    }}
"""
URLS = """
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("dashboard", lambda request: HttpResponse("mine"), name="dashboard"),
               path("probe", lambda request: HttpResponse("probe"), name="probe")]
"""
REPORT = """
import json, django
from django.conf import settings
django.setup()
from django.urls import resolve
from openedx_events.learning.signals import COURSE_ENROLLMENT_CREATED
receivers = [str(entry[1]) for entry in COURSE_ENROLLMENT_CREATED.receivers]
uids = [str(entry[0][0]) for entry in COURSE_ENROLLMENT_CREATED.receivers]
print(json.dumps({
    "calls": settings.PROBE_CALLS,
    "saw": {n: getattr(settings, "PROBE_SAW_" + n, None) for n in ("COMMON", "PRODUCTION", "TEST")},
    "filters": sorted(settings.OPEN_EDX_FILTERS_CONFIG),
    "installed": "probe_plugin.apps.ProbeConfig" in settings.INSTALLED_APPS,
    "platform": settings.PLATFORM_NAME,
    "features": settings.FEATURES,
    "atomic": settings.DATABASES["default"]["ATOMIC_REQUESTS"],
    "dashboard": resolve("/dashboard").func.__module__,
    "probe": resolve("/probe").namespace,
    "uids": uids,
}))
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    package, info = tmp_path / "probe_plugin", tmp_path / "probe_plugin-1.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").touch()
    (package / "apps.py").write_text(APPS)
    (package / "urls.py").write_text(URLS)
    (package / "receivers.py").write_text("def on_created(**kwargs):\n    pass\n")
    for name in ("common", "production", "test"):
        hook = HOOK.format(name=name, NAME=name.upper())
        (package / f"settings_{name}.py").write_text(hook)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: probe-plugin\nVersion: 1\n")
    entry = "[lms.djangoapp]\nprobe = probe_plugin.apps:ProbeConfig\n"
    (info / "entry_points.txt").write_text(entry)
    return tmp_path


def run(plugin: Path, settings: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(plugin), str(ROOT / "mini_lms"), str(ROOT)])
    clean = {k: v for k, v in os.environ.items() if k != "LMS_CFG"}
    env = {**clean, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": settings, **env}
    env |= {"MINI_LMS_VAR": str(plugin), "XDG_CACHE_HOME": str(plugin)}
    return subprocess.run(
        [sys.executable, "-c", REPORT], env=env, capture_output=True, text=True, check=False
    )


def report(plugin: Path, settings: str, **env: str) -> dict[str, Any]:
    done = run(plugin, settings, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_production_overwrites_between_the_two_hooks(plugin: Path) -> None:
    config = plugin / "lms.yml"
    yaml_settings = {
        "SECRET_KEY": "of this test",
        "PLATFORM_NAME": "From YAML",
        "FEATURES": {"FROM_YAML": True},
        "OPEN_EDX_FILTERS_CONFIG": {"from.yaml": {}},
    }
    config.write_text(yaml.safe_dump(yaml_settings))

    found = report(plugin, "lms.envs.production", LMS_CFG=str(config))

    assert found["installed"]
    assert found["calls"] == ["common", "production"]
    assert found["saw"]["COMMON"]["tokens"] is False
    assert "from.yaml" in found["saw"]["PRODUCTION"]["filters"]
    assert "probe.common" not in found["saw"]["PRODUCTION"]["filters"], "YAML replaces the dict"
    assert found["saw"]["PRODUCTION"]["tokens"] is True
    assert "probe.production" in found["filters"]
    assert (found["platform"], found["features"]) == ("From YAML", {"FROM_YAML": True})


def test_production_needs_the_yaml_file_and_its_secret(plugin: Path) -> None:
    assert "Set LMS_CFG" in run(plugin, "lms.envs.production").stderr

    empty = plugin / "empty.yml"
    empty.write_text("")
    assert "SECRET_KEY" in run(plugin, "lms.envs.production", LMS_CFG=str(empty)).stderr


def test_the_demos_yaml_throws_the_common_filters_away(plugin: Path) -> None:
    found = report(plugin, "lms.envs.demo")

    assert "probe.common" not in found["filters"]
    assert "org.openedx.learning.course.enrollment.started.v1" in found["filters"]
    assert found["atomic"] is True


def test_the_test_settings_call_common_then_test(plugin: Path) -> None:
    assert report(plugin, "lms.envs.test")["calls"] == ["common", "test"]


def test_plugins_have_the_last_word_in_urls_and_their_receivers(plugin: Path) -> None:
    found = report(plugin, "lms.envs.test")

    assert found["dashboard"] == "common.djangoapps.student.views.dashboard"
    assert found["probe"] == "probe"
    assert "probe_plugin.receivers.on_created" in found["uids"]

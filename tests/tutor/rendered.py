"""The LMS's settings that Tutor wrote, run as Python where the LMS isn't."""

from __future__ import annotations

import builtins
import sys
from typing import Any
from unittest import mock

from tests.tutor.conftest import Tutor

PATHS = {
    "production": "apps/openedx/settings/lms/production.py",
    "development": "apps/openedx/settings/lms/development.py",
}
IMPORTED = (
    *("lms", "lms.envs", "lms.envs.devstack", "lms.envs.production"),
    *("codejail", "codejail.jail_code"),
    *("xmodule", "xmodule.modulestore", "xmodule.modulestore.modulestore_settings"),
)
BEGIN, END = "######## token_payments", "######## End of common LMS settings"


class Names(dict[str, Any]):
    """Stands for everything that the LMS's own settings have and these ones change."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        self[name] = mock.MagicMock(name=name)
        return self[name]


def run_settings(tutor: Tutor, environment: str = "production") -> Names:
    """All of the module's names after it has run."""
    path = PATHS[environment]
    names = Names()
    stubs = {name: mock.MagicMock(__all__=[]) for name in IMPORTED}
    code = compile(tutor.read(path), path, "exec")
    with mock.patch.dict(sys.modules, stubs), mock.patch("os.makedirs"):
        exec(code, {"__builtins__": __builtins__}, names)
    return names


def cut_settings(tutor: Tutor) -> str:
    """Our part alone."""
    whole = tutor.read(PATHS["production"])
    return whole[whole.index(BEGIN) : whole.index(END)]

"""What the plugin adds to Tutor: configuration, patches, init task, commands, the MFE's button.

Patches are the files in patches/, named after what they patch. The image gets the wheel in
templates/build/openedx/token-payments, the Catalog MFE the component in
templates/mfe/build/mfe/token-payments; both are copied as they are.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from tutor import hooks
from tutor.exceptions import TutorError

from tutor_token_payments import __version__, commands
from tutor_token_payments.lms_settings import render_settings

HERE = Path(str(files("tutor_token_payments")))
TEMPLATES = HERE / "templates"
WHEELS = TEMPLATES / "build/openedx/token-payments"
COPIED_AS_THEY_ARE = ("build/openedx/token-payments/", "mfe/build/mfe/token-payments/")
SLOT = "org.openedx.frontend.catalog.course_about_page.enrollment_button"

#: Each stands as TOKEN_PAYMENTS_<name> in Tutor's config; docs/install.md is their reference.
DEFAULTS: dict[str, Any] = {
    "VERSION": __version__,
    "PIP_REQUIREMENT": "",
    "ENABLED": True,
    "RUN_BEAT": True,
    "CHECKOUT_LINKS": False,
    "CODE_KEY_NAME": "1",
    "OLD_CODE_KEYS": {},
    "TIME_ZONE": None,
    "SELLER": {"name": "{{ PLATFORM_NAME }}", "email": "{{ CONTACT_EMAIL }}"},
    "ORDERS_EMAIL": ["{{ CONTACT_EMAIL }}"],
    "TAX_RATE": None,
    "BUYERS_MAY_CANCEL": False,
    "SETTINGS": {},
}
#: Made once, then kept in config.yml.
UNIQUE = {"CODE_KEY": "{{ 64|random_string }}"}

INIT_TASK = "./manage.py lms migrate token_payments && ./manage.py lms check --tag token_payments"


def find_wheel() -> str:
    """The file name of the wheel that goes into the image."""
    wheels = sorted(WHEELS.glob("*.whl"))
    if len(wheels) != 1:
        raise TutorError(
            f"token-payments: expected one wheel in {WHEELS}, found {len(wheels)}. Install the "
            "plugin with pip, or say in TOKEN_PAYMENTS_PIP_REQUIREMENT where the package is."
        )
    return wheels[0].name


@hooks.Filters.IS_FILE_RENDERED.add()
def _copy_as_they_are(is_rendered: bool, path: str) -> bool:
    return is_rendered and not path.startswith(COPIED_AS_THEY_ARE)


hooks.Filters.CONFIG_DEFAULTS.add_items(
    [(f"TOKEN_PAYMENTS_{name}", value) for name, value in DEFAULTS.items()]
)
hooks.Filters.CONFIG_UNIQUE.add_items(
    [(f"TOKEN_PAYMENTS_{name}", value) for name, value in UNIQUE.items()]
)
hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(str(TEMPLATES))
hooks.Filters.ENV_TEMPLATE_VARIABLES.add_items(
    [
        ("token_payments_settings", render_settings),
        ("token_payments_wheel", find_wheel),
    ]
)
hooks.Filters.ENV_PATCHES.add_items(
    [(path.name, path.read_text(encoding="utf-8")) for path in (HERE / "patches").iterdir()]
)
hooks.Filters.MOUNTED_DIRECTORIES.add_item(("openedx", r"token[-_]payments"))
hooks.Filters.CLI_DO_INIT_TASKS.add_item(("lms", INIT_TASK))
hooks.Filters.CLI_DO_COMMANDS.add_item(commands.check)
hooks.Filters.CLI_COMMANDS.add_item(commands.token_payments)

try:
    from tutormfe.hooks import PLUGIN_SLOTS
except ImportError:  # an LMS without micro-frontends has the older course-about page
    pass
else:
    PLUGIN_SLOTS.add_item(
        (
            "catalog",
            SLOT,
            """
        {
          op: PLUGIN_OPERATIONS.Wrap,
          widgetId: 'default_contents',
          wrapper: TokenPaymentsButton,
        }""",
        )
    )

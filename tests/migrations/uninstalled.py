"""Run as a program, on one database: with the plugin, and with no trace of it.

    python uninstalled.py pay        the plugin is installed, and somebody pays with a code
    python uninstalled.py zero       the plugin's tables go
    python uninstalled.py without    the LMS without the package: what it says, as JSON
"""

from __future__ import annotations

import json
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
COURSE = "course-v1:Acme+FIRE+2026"
FREE = "course-v1:Acme+FREE+2026"
LABEL = "token_payments"


def main() -> None:
    sys.path[:0] = [str(REPOSITORY / "mini_lms"), str(REPOSITORY)]
    if sys.argv[1] == "without":
        take_away()
    import django

    django.setup()
    print(json.dumps({"pay": pay, "zero": remove_tables, "without": use_the_lms}[sys.argv[1]]()))


def remove_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", LABEL, "zero", verbosity=0)


def pay() -> None:
    from django.core.management import call_command

    from tests import factories

    call_command("migrate", verbosity=0)
    factories.allow_paid()
    factories.make_course(COURSE)
    factories.make_course(FREE, modes={"audit": 0})
    item = factories.make_item(COURSE)
    order = factories.make_processed_order(item, buyer=factories.make_user("buyer"))
    learner = factories.make_user("lena")
    factories.redeem(learner, item, factories.list_codes(order)[0])


def use_the_lms() -> dict[str, Any]:
    """What people and the operator see."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("check")
    call_command("migrate", verbosity=0)
    tables = [t for t in connection.introspection.table_names() if t.startswith(LABEL)]
    lena = get_user_model().objects.get(username="lena")
    client = Client(raise_request_exception=True)
    client.force_login(lena)
    pages = ("/dashboard", "/courses", f"/courses/{COURSE}/about", f"/courses/{COURSE}/course/")
    statuses = {page: client.get(page, follow=True).status_code for page in pages}
    change = {"course_id": FREE, "enrollment_action": "enroll"}
    joined = client.post("/change_enrollment", change).status_code
    enrolments = list_enrolments(lena)
    left = client.post("/change_enrollment", change | {"enrollment_action": "unenroll"}).status_code
    root, _ = get_user_model().objects.update_or_create(
        username="root", defaults={"is_staff": True, "is_superuser": True}
    )
    client.force_login(root)
    statuses["/admin/"] = client.get("/admin/").status_code
    return {
        "tables": tables,
        "statuses": statuses,
        "joined_and_left": [joined, left],
        "enrolments": enrolments,
        "is_loaded": any(name.split(".")[0] == LABEL for name in sys.modules),
    }


def list_enrolments(user: Any) -> list[list[Any]]:
    from common.djangoapps.student.models import CourseEnrollment

    rows = CourseEnrollment.objects.filter(user=user).order_by("course_id")
    return [[str(row.course_id), row.mode, row.is_active] for row in rows]


class Gone(MetaPathFinder):
    def find_spec(self, fullname: str, *rest: Any) -> None:
        if fullname.split(".")[0] == LABEL:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def take_away() -> None:
    """Neither the package nor its entry point."""
    from edx_django_utils.plugins import plugin_manager

    sys.meta_path.insert(0, Gone())
    find = plugin_manager.PluginManager.get_available_plugins.__func__

    def without_ours(cls: Any, namespace: str | None = None) -> dict[str, Any]:
        found = find(cls, namespace) if namespace else find(cls)
        return {name: plugin for name, plugin in found.items() if name != LABEL}

    plugin_manager.PluginManager.get_available_plugins = classmethod(without_ours)


if __name__ == "__main__":
    main()

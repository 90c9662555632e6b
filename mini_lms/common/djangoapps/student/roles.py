"""Who may do what in a course, in an organisation, or everywhere."""

from __future__ import annotations

from abc import ABC, abstractmethod

from django.contrib.auth.models import User
from django.db.models import QuerySet
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import CourseAccessRole


class AccessRole(ABC):
    @abstractmethod
    def has_user(self, user: User) -> bool: ...

    @abstractmethod
    def add_users(self, *users: User) -> None: ...

    @abstractmethod
    def remove_users(self, *users: User) -> None: ...

    @abstractmethod
    def users_with_role(self) -> QuerySet[User]: ...


class GlobalStaff(AccessRole):
    """Django's `is_staff`."""

    def has_user(self, user: User) -> bool:
        return bool(user and user.is_staff)

    def add_users(self, *users: User) -> None:
        self._set(users, True)

    def remove_users(self, *users: User) -> None:
        self._set(users, False)

    def users_with_role(self) -> QuerySet[User]:
        raise NotImplementedError("Not indexed: do not ask")

    @staticmethod
    def _set(users: tuple[User, ...], is_staff: bool) -> None:
        for user in users:
            user.is_staff = is_staff
            user.save()


class RoleBase(AccessRole):
    """A role held in one course, or (with no course) in one organisation."""

    def __init__(self, role_name: str, org: str = "", course_key: CourseKey | None = None) -> None:
        self._role_name = role_name
        self.org = org
        self.course_key = course_key

    def has_user(self, user: User, check_user_activation: bool = True) -> bool:
        """Read once per user object, as the platform does: reload the user to see changes."""
        if check_user_activation and not (user.is_authenticated and user.is_active):
            return False
        if not hasattr(user, "_roles"):
            rows = CourseAccessRole.objects.filter(user=user)
            user._roles = {(row.role, str(row.course_id or ""), row.org) for row in rows}
        return (self._role_name, str(self.course_key or ""), self.org) in user._roles

    def add_users(self, *users: User) -> None:
        for user in users:
            CourseAccessRole.objects.get_or_create(
                user=user, role=self._role_name, course_id=self.course_key, org=self.org
            )
            self._forget(user)

    def remove_users(self, *users: User) -> None:
        self._rows().filter(user__in=users).delete()
        for user in users:
            self._forget(user)

    def users_with_role(self) -> QuerySet[User]:
        return User.objects.filter(id__in=self._rows().values("user_id"))

    def _rows(self) -> QuerySet[CourseAccessRole]:
        return CourseAccessRole.objects.filter(
            role=self._role_name, course_id=self.course_key, org=self.org
        )

    @staticmethod
    def _forget(user: User) -> None:
        if hasattr(user, "_roles"):
            del user._roles


class CourseRole(RoleBase):
    def __init__(self, role: str, course_key: CourseKey) -> None:
        super().__init__(role, course_key.org, course_key)


class OrgRole(RoleBase):
    def __init__(self, role: str, org: str) -> None:
        super().__init__(role, org)


class CourseStaffRole(CourseRole):
    ROLE = "staff"

    def __init__(self, course_key: CourseKey) -> None:
        super().__init__(self.ROLE, course_key)


class CourseInstructorRole(CourseRole):
    ROLE = "instructor"

    def __init__(self, course_key: CourseKey) -> None:
        super().__init__(self.ROLE, course_key)


class CourseFinanceAdminRole(CourseRole):
    ROLE = "finance_admin"

    def __init__(self, course_key: CourseKey) -> None:
        super().__init__(self.ROLE, course_key)


class CourseSalesAdminRole(CourseRole):
    ROLE = "sales_admin"

    def __init__(self, course_key: CourseKey) -> None:
        super().__init__(self.ROLE, course_key)


class CourseDataResearcherRole(CourseRole):
    ROLE = "data_researcher"

    def __init__(self, course_key: CourseKey) -> None:
        super().__init__(self.ROLE, course_key)


class OrgStaffRole(OrgRole):
    ROLE = "staff"

    def __init__(self, org: str) -> None:
        super().__init__(self.ROLE, org)


class OrgInstructorRole(OrgRole):
    ROLE = "instructor"

    def __init__(self, org: str) -> None:
        super().__init__(self.ROLE, org)


def has_course_staff_access(user: User, course_key: CourseKey) -> bool:
    """Global staff, and staff or instructors of the course or of its organisation."""
    if not user.is_authenticated:
        return False
    roles: list[AccessRole] = [
        GlobalStaff(),
        CourseStaffRole(course_key),
        CourseInstructorRole(course_key),
        OrgStaffRole(course_key.org),
        OrgInstructorRole(course_key.org),
    ]
    return any(role.has_user(user) for role in roles)

"""The public Python surface changes only together with the changelog.

When this fails: name what came, went or changed in CHANGELOG.md under [Unreleased], in backticks.
"""

from __future__ import annotations

from scripts.changelog import read_unreleased
from scripts.write_surface import (
    PAGE,
    Surface,
    find_changes,
    list_unmentioned,
    read_code,
    read_page,
    render,
)
from token_payments import api, errors


def test_what_changed_since_the_last_release_is_in_the_changelog() -> None:
    changed = find_changes(read_page(PAGE.read_text()), read_code())
    assert list_unmentioned(changed, read_unreleased()) == []


def test_the_page_holds_every_public_name() -> None:
    code = read_code()
    assert read_page(render(code)) == code
    assert set(code) >= set(api.__all__)
    assert "errors.InsufficientTokens" in code
    assert len(api.__all__) == len(set(api.__all__))


def changed_with(**new: object) -> Surface:
    """The surface if the api had these."""
    kept = {name: getattr(api, name) for name in new if hasattr(api, name)}
    names = list(api.__all__)
    for name, thing in new.items():
        setattr(api, name, thing)
    api.__all__ += [name for name in new if name not in names]
    try:
        return read_code()
    finally:
        for name in new:
            delattr(api, name)
        for name, thing in kept.items():
            setattr(api, name, thing)
        api.__all__[:] = names


def test_names_signatures_fields_and_errors_are_seen(monkeypatch) -> None:
    before = read_code()

    def freeze_account(account_id: int) -> None: ...

    class Balance:
        available: int = 0

    assert find_changes(before, changed_with(freeze_account=freeze_account)) == ["freeze_account"]
    assert find_changes(before, changed_with(Balance=Balance)) == ["Balance"]
    assert find_changes(before, changed_with(MAX_PEOPLE=7)) == ["MAX_PEOPLE"]
    assert find_changes(before, changed_with(new_one=freeze_account)) == ["new_one"]
    monkeypatch.setattr(api, "__all__", [name for name in api.__all__ if name != "redeem"])
    assert find_changes(before, read_code()) == ["redeem"]
    monkeypatch.undo()
    monkeypatch.setattr(errors.LastManager, "reason", "other")
    assert find_changes(before, read_code()) == ["errors.LastManager"]


def test_a_line_of_the_changelog_has_to_name_it() -> None:
    names = ["errors.LastManager", "freeze_account", "redeem", "review"]
    text = "- `api.freeze_account` asks why, `redeem(learner=...)` `LastManager` too: review"
    assert list_unmentioned(names, text) == ["review"]


def test_only_what_is_unreleased_counts() -> None:
    text = "# Changelog\n\n## [Unreleased]\n\n- `new`\n\n## [0.1.0]\n\n- `old`\n"
    assert list_unmentioned(["new", "old"], read_unreleased(text)) == ["old"]

"""What the path page offers to take away: never a membership whose end would lift a Deny."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_stores import A, write
from builders import Land, allow

from graph.errors import StoreError
from graph.model import Certainty
from graph.stores import open_store
from graph.view import Keep
from queries.paths import cheapest_path
from ui.evidence import evidence_of
from ui.reading import open_reading


def store_of(place: Path, *, denying: bool) -> tuple[str, str, str]:
    land = Land(A)
    data = land.bucket("claims", sensitivity=10)
    read = allow("s3:GetObject", f"{data}/*", sid="ReadClaims")
    deny = {"Sid": "NoKeys", "Effect": "Deny", "Action": "kms:*", "Resource": "*"}
    readers = land.group("readers", read, *([deny] if denying else []))
    ann = land.user("ann")
    land.member(ann, readers)
    land.member(land.user("ben"), readers)
    return write(place, land.batch(), tuple(land.coverage.values())), str(ann), str(data)


@pytest.mark.parametrize("denying", [False, True])
def test_leaving_a_group_is_offered_unless_the_group_denies(tmp_path: Path, denying: bool) -> None:
    url, ann, data = store_of(tmp_path / "group.db", denying=denying)
    reading = open_reading(url, cache=None).reading
    assert reading is not None
    keep = Keep(Certainty.POSSIBLE)
    path = cheapest_path(reading.view, ann, data, keep=keep)  # type: ignore[arg-type]  # ids as text
    assert path is not None

    hops = reading.told(path)
    memberships = [
        one
        for hop in hops
        for need in hop.needs
        for alternative in need.alternatives
        for one in alternative.revocables
        if one.kind == "membership"
    ]
    offered = [fix.revocable.kind for fix in reading.fixes(path, hops, keep)]

    assert memberships
    assert [one.lifts_deny for one in memberships] == [denying] * len(memberships)
    assert ("membership" in offered) is not denying


def test_reasons_of_a_store_into_which_nothing_was_loaded_are_refused_in_one_line(
    tmp_path: Path,
) -> None:
    with (
        open_store(str(tmp_path / "empty.db"), create=True) as store,
        pytest.raises(StoreError, match="nothing was loaded"),
    ):
        evidence_of(store)

"""Removals on facts, all at once, against the same one by one; and as patches of the documents."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from builders import A, Land, allow
from estate_strategies import lands
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from oracle.removal import facts_without as one_taken
from resolved import Resolved

from access.change import facts_without
from access.decision import Relative, Revocable, RevocableKind
from access.edit import Edit, edited
from access.patch import patches
from graph.errors import QueryError
from graph.model import Attachment, Document, Facts, Node, NodeId, Role

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PHASES = [phase for phase in Phase if phase is not Phase.explain]
some = settings(deadline=None, max_examples=50, suppress_health_check=SLOW, phases=PHASES)


def revocables(facts: Facts) -> list[Revocable]:
    """Every concrete Revocable by which some identity has something."""
    answer = Resolved(facts)
    found: dict[str, Revocable] = {}
    for node in facts.nodes:
        if node.kind in {"User", "Role"}:
            for grant, _on, target in answer.held(node.id):
                if answer.nodes[target].kind != "AssetSet":
                    for need in answer.explainer.needs(grant, node.id, target):
                        for way in need.alternatives:
                            found |= {one.id: one for one in way.revocables}
    return [found[id_] for id_ in sorted(found)]


def documents(facts: Facts) -> dict[tuple[str, str, str], Any]:
    """What stands where: the text behind each row, by holder, role and name."""
    texts = {row.hash: row.text for row in facts.documents}
    return {
        (row.holder, row.role, row.name + (row.policy or "")): json.loads(texts[row.document])
        if row.document
        else None
        for row in facts.attachments
    }


def step_by_step(facts: Facts, gone: list[Revocable]) -> Facts:
    """One after the other, each found again by its Sid: places and hashes move as statements go."""
    for revocable in gone:
        facts = one_taken(facts, moved(facts, revocable))
    return facts


def _by_sid(facts: Facts, revocable: Revocable) -> bool:
    text = next(row.text for row in facts.documents if row.hash == revocable.hash)
    rows = json.loads(text).get("Statement", [])
    named = [row.get("Sid") for row in (rows if isinstance(rows, list) else [rows])]
    return revocable.kind is RevocableKind.KEY_GRANT or named.count(revocable.statement) == 1


def moved(facts: Facts, revocable: Revocable) -> Revocable:
    """The Revocable where it stands now."""
    if revocable.kind not in {RevocableKind.STATEMENT, RevocableKind.TRUST_ENTRY}:
        return revocable
    texts = {row.hash: row.text for row in facts.documents}
    for row in facts.attachments:
        if row.holder != revocable.holder or row.document is None:
            continue
        if row.role.value == "identity" and row.name != revocable.document:
            continue
        rows = json.loads(texts[row.document]).get("Statement", [])
        for place, statement in enumerate(rows if isinstance(rows, list) else [rows]):
            if statement.get("Sid") == revocable.statement:
                return replace(revocable, position=place, hash=row.document)
    raise AssertionError(revocable)


@some
@given(lands(widening=True), st.randoms(use_true_random=False))
def test_taking_several_at_once_is_taking_them_one_by_one(land: Land, pick: Random) -> None:
    facts = land.facts()
    known = revocables(facts)
    # A statement without a Sid is known by its hash, which `moved` does not look for.
    sure = [one for one in known if not one.hash or _by_sid(facts, one)]
    named = pick.sample(sure, min(len(sure), 4))
    wanted = step_by_step(facts, named)

    left = facts_without(facts, named)

    assert documents(left) == documents(wanted)
    assert [edge.id for edge in left.edges] == [edge.id for edge in wanted.edges]


@some
@given(lands(widening=True), st.randoms(use_true_random=False))
def test_patches_make_of_the_documents_what_is_left_of_them(land: Land, pick: Random) -> None:
    facts = land.facts()
    known = revocables(facts)
    assume(known)
    gone = pick.sample(known, min(len(known), 4))

    made = patches(facts, gone)

    left = documents(facts_without(facts, gone))
    changed = [patch for patch in made if patch.document]
    assert {one for patch in made for one in patch.removals} == set(gone)
    for patch in changed:
        after = applied(json.loads(patch.before), patch.operations)
        assert after == json.loads(patch.after)
        assert after in left.values()
    assert all(patch.commands for patch in made)


def applied(document: Any, operations: Any) -> Any:
    """The document with the operations of a JSON Patch (RFC 6902: test, remove, replace)."""
    document = copy.deepcopy(document)
    for operation in operations:
        *path, last = str(operation["path"]).split("/")[1:]
        place = document
        for word in path:
            place = place[int(word) if isinstance(place, list) else word]
        key: Any = int(last) if isinstance(place, list) else last
        match operation["op"]:
            case "test":
                assert place[key] == operation["value"]
            case "remove":
                del place[key]
            case "replace":
                place[key] = operation["value"]
            case other:
                raise AssertionError(other)
    return document


def test_two_statements_of_one_document_are_one_patch() -> None:
    land = Land(A)
    land.bucket("b")
    rows = [allow("s3:GetObject", sid=f"S{n}") for n in range(3)]
    land.user("ana", *rows)
    facts = land.facts()
    found = [one for one in revocables(facts) if one.statement in {"S0", "S2"}]

    (patch,) = patches(facts, found)

    paths = [operation["path"] for operation in patch.operations]
    assert paths == ["/Statement/2", "/Statement/2", "/Statement/0", "/Statement/0"]
    assert [row["Sid"] for row in json.loads(patch.after)["Statement"]] == ["S1"]


def test_what_is_relative_or_not_there_is_refused() -> None:
    facts = Land(A).facts()
    gone = Revocable(RevocableKind.MEMBERSHIP, holder="u", member="g")

    with pytest.raises(QueryError, match="relative"):
        facts_without(facts, [replace(gone, relative=Relative.MEMBER)])
    with pytest.raises(QueryError, match="nothing to take away"):
        facts_without(facts, [gone])
    with pytest.raises(QueryError, match="no removal is known"):
        facts_without(facts, [replace(gone, kind=RevocableKind.ACL_ENTRY)])


def test_documents_that_are_no_policies_are_left_alone_by_changes() -> None:
    trust = Document.of('{"Statement": ["odd", 3, null]}')
    broken = Document.of("no JSON at all")
    role = NodeId("arn:aws:iam::111111111111:role/r")
    provider = NodeId("arn:aws:iam::111111111111:saml-provider/p")
    facts = Facts(
        nodes=(Node(role, "Role", {}), Node(provider, "IdentityProvider", {})),
        attachments=(
            Attachment(role, Role.TRUST, document=trust.hash),
            Attachment(role, Role.IDENTITY, "work", document=broken.hash),
        ),
        documents=(trust, broken),
    )

    with pytest.raises(QueryError, match="it is so already"):
        edited(facts, [Edit.of("remove_statement", of=role, sid="S")])

"""What must hold of resolving any estate: lifting and sharing cost no truth, revoking is resolving, order is nothing."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from builders import NOW, A, C, Land, allow, deny, to
from estate_strategies import lands
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from oracle.removal import applied, facts_without
from reasons import because
from resolved import Resolved, label

from access.decision import Revocable
from access.resolve import resolve
from graph.model import Capability, Certainty, Facts, NodeId, Role

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PHASES = [
    phase for phase in Phase if phase is not Phase.explain
]  # tracing lines takes most of the time
some = settings(deadline=None, max_examples=50, suppress_health_check=SLOW, phases=PHASES)


def identities(facts: Facts) -> list[NodeId]:
    return sorted(node.id for node in facts.nodes if node.kind in {"User", "Role"})


@some
@given(lands(widening=True))
def test_lifted_and_unlifted_forms_give_equal_reach(land: Land) -> None:
    facts = land.facts()
    lifted, plain = Resolved(facts), Resolved(facts, lifted=False)
    for identity in identities(facts):
        assert lifted.reach(identity) == plain.reach(identity), identity


@some
@given(lands(widening=True))
def test_lifted_and_unlifted_forms_give_equal_reasons(land: Land) -> None:
    facts = land.facts()
    lifted, plain = Resolved(facts), Resolved(facts, lifted=False)
    for identity in identities(facts):
        assert because(lifted, identity) == because(plain, identity), identity


def explain_everything(answer: Resolved) -> None:
    """Ask of every Grant of every identity why it stands; what stands for nobody is refused."""
    for identity in identities(answer.facts):
        for grant, _on, target in answer.held(identity):
            if answer.nodes[target].kind != "AssetSet":
                needs = answer.explainer.needs(grant, identity, target)
                assert all(
                    one.relative is None
                    for need in needs
                    for alternative in need.alternatives
                    for one in alternative.revocables
                ), (grant.props, identity, target)


@some
@given(lands(widening=True))
def test_every_grant_can_be_explained_to_everyone_who_enjoys_it(land: Land) -> None:
    explain_everything(Resolved(land.facts()))


def test_a_resource_control_policy_over_a_part_of_a_bucket_leaves_the_rest_alone() -> None:
    land = Land(A)
    land.organization(A)
    shut = to("*", deny("s3:GetObject", "arn:aws:s3:::*/p/*"))
    land.control("p-part", f"aws:account/{A}", shut, role=Role.RCP)
    user = land.user("ana", allow("s3:GetObject", "*"))
    bucket = land.bucket("one")
    inside, beside = land.prefix(bucket, "p/"), land.prefix(bucket, "q/")
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert answer.how_sure(user, beside) is Certainty.DEFINITE
    assert answer.how_sure(user, inside) is None
    explain_everything(answer)


def all_revocables(answer: Resolved) -> list[Revocable]:
    """Every concrete Revocable by which some identity has something."""
    found: dict[str, Revocable] = {}
    for identity in identities(answer.facts):
        for grant, _on, target in answer.held(identity):
            if answer.nodes[target].kind == "AssetSet":
                continue
            for need in answer.explainer.needs(grant, identity, target):
                for alternative in need.alternatives:
                    found |= {one.id: one for one in alternative.revocables}
    return [found[id_] for id_ in sorted(found)]


@some
@given(lands(widening=True), st.randoms(use_true_random=False))
def test_revoking_on_the_arrays_is_resolving_the_changed_facts(land: Land, pick: Random) -> None:
    facts = land.facts()
    answer = Resolved(facts)
    choice = [one for one in all_revocables(answer) if not one.lifts_deny]
    assume(choice)
    gone = pick.choice(choice)
    assert applied(facts, gone), gone
    after = Resolved(facts_without(facts, gone))
    for identity in identities(facts):
        assert answer.reach_without(identity, gone) == after.reach(identity), (
            label(gone),
            identity,
        )


def shuffled(facts: Facts, pick: Random) -> Facts:
    """The same rows in another order."""
    return Facts(
        *(
            tuple(pick.sample(rows, len(rows)))
            for rows in (
                facts.nodes,
                facts.edges,
                facts.attachments,
                facts.documents,
                facts.coverage,
            )
        )
    )


@some
@given(lands(widening=True), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_is_nothing_to_the_conclusions(land: Land, pick: Random) -> None:
    facts = land.facts()
    assert resolve(facts, instant=NOW) == resolve(shuffled(facts, pick), instant=NOW)


@some
@given(lands(widening=True))
def test_a_fact_that_concerns_nobody_renames_nothing(land: Land) -> None:
    before = resolve(land.facts(), instant=NOW)
    land.account(C)
    land.job("over", land.role("bystander", account=C), account=C)
    after = resolve(land.facts(), instant=NOW)
    assert {node.id for node in before.nodes} <= {node.id for node in after.nodes}
    assert {edge.id for edge in before.edges} <= {edge.id for edge in after.edges}


def test_a_new_member_of_a_set_does_not_rename_it() -> None:
    land = Land(A)
    for name in ("one", "two"):
        land.bucket(name)
    user = land.user("ana", allow("s3:GetObject", "*"))
    before = Resolved(land.facts())
    land.bucket("three")
    after = Resolved(land.facts())
    names = {node.id for node in before.of("AssetSet")}
    assert names == {node.id for node in after.of("AssetSet")}
    assert (NodeId("arn:aws:s3:::three"), Capability.READ) in after.reach(user)


def test_an_edited_policy_does_not_rename_the_grants() -> None:
    land = Land(A)
    land.bucket("one")
    user = land.user("ana", allow("s3:GetObject", "*", sid="Read"))
    before = Resolved(land.facts())
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    land.inline(user, "own", allow("s3:GetObject", "*", sid="Read", **office))
    after = Resolved(land.facts())
    assert set(before.grants) == set(after.grants)
    assert {r.id for r in before.of("Revocable")} == {r.id for r in after.of("Revocable")}


def test_the_instant_decides_what_has_run_out() -> None:
    land = Land(A)
    bucket = land.bucket("one")
    until = {"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-02-01T00:00:00Z"}}}
    user = land.user("ana", allow("s3:GetObject", "*", **until))
    earlier = NOW.replace(month=1)
    assert Resolved(land.facts()).how_sure(user, bucket) is None
    answer = Resolved(land.facts(), instant=earlier)
    assert (bucket, Capability.READ) in answer.reach(user)
    (grant,) = answer.grants_on(user, bucket)
    assert any("2026-02-01" in note for note in grant.props["notes"])


def test_facts_are_left_as_they_were() -> None:
    land = Land(A)
    land.bucket("one")
    land.user("ana", allow("s3:GetObject", "*"))
    facts = land.facts()
    copy = replace(facts)
    resolve(facts, instant=NOW)
    assert facts == copy

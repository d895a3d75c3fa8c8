"""Every capability and technique row about a resource: what it needs is enough, and each part of it is needed."""

from __future__ import annotations

from typing import Any

import pytest
from builders import REGION, A, B, Land, allow, deny, trusts
from resolved import Resolved
from technique_lands import EXAMPLES, PLACES, SAGEMAKER, SETTINGS, add, around, bound, statements

from access.aws.predicates import Predicates
from access.estate import Estate
from access.technique import (
    PREDICATES,
    Ask,
    CapabilityRow,
    Predicate,
    Technique,
    capability_rows,
    catalogue,
    forms,
    technique,
)
from graph.errors import SchemaError
from graph.model import Capability, Certainty, NodeId

ROWS = catalogue("aws")
CONDITIONAL = {"ec2-instance-connect:SendSSHPublicKey"}  # which ports are open is not read
OLDER = {
    "Dataset",
    "Key",
    "Role",
    "User",
    "Group",
    "IdentityProvider",
}  # held by the cases of the foundation
CAPABLE = [row for row in ROWS.capabilities if row.form not in OLDER]
BOUND = {"$self", "$policy", "$group"}
OPEN = {"stream or queue", "stack set", "subnet"}  # nothing lists these
TECHNIQUES = [
    row
    for row in ROWS.techniques
    if row.how != "trust"
    and not any(
        gain.at in {"$role", "$user"} or "(" in gain.at
        for gain in row.gains[:1]
        if gain.capability is not Capability.DELEGATE
    )
    and not any(
        part.at in BOUND for need in row.needs for part in need.any if isinstance(part, Ask)
    )
]


def asked(row: CapabilityRow) -> str:
    return PLACES.get(row.at, EXAMPLES[row.form])


def resolved(form: str, *own: dict[str, Any], **props: Any) -> tuple[Resolved, NodeId, NodeId]:
    land = Land(A, B)
    user = land.user("ana", *own)
    made = add(land, form, EXAMPLES[form], **props)
    return Resolved(land.facts()), user, made


def by(answer: Resolved, user: NodeId, how: str, target: NodeId) -> list[Certainty]:
    """How surely the user has something on the target by this action or technique."""
    return [
        on.certainty
        for grant, on, reached in answer.held(user)
        if grant.props["how"] == how and reached == target
    ]


def test_every_form_of_a_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(ROWS.kinds) - OLDER


@pytest.mark.parametrize(
    "row", CAPABLE, ids=lambda row: f"{row.form} {row.capability} {row.action}"
)
def test_the_action_on_the_resource_gives_the_capability(row: CapabilityRow) -> None:
    answer, user, made = resolved(row.form, allow(row.action, asked(row)))
    wanted = Certainty.CONDITIONAL if row.action in CONDITIONAL else Certainty.DEFINITE
    if row.status == "D":
        wanted = Certainty.POSSIBLE
    found = [
        g for g in answer.grants_on(user, made, row.capability) if g.props["how"] == row.action
    ]
    assert [g.props["certainty"] for g in found] == [wanted.label]


@pytest.mark.parametrize(
    "row", CAPABLE, ids=lambda row: f"{row.form} {row.capability} {row.action}"
)
def test_neither_another_resource_nor_a_denied_or_missing_action_gives_it(
    row: CapabilityRow,
) -> None:
    sibling = (
        asked(row).replace(f":{A}:", f":{A}:other-")
        if row.at == "self"
        else asked(row)[:-2] + "x/*"
    )
    for own in (
        (allow(row.action, sibling),),
        (allow(row.action, "*"), deny(row.action, asked(row))),
        (allow(row.action + "s", "*"),),
        (allow(row.action, asked(row).replace(f":{A}:", f":{B}:")),),
    ):
        answer, user, made = resolved(row.form, *own)
        assert by(answer, user, row.action, made) == [], own


@pytest.mark.parametrize(
    "row", [row for row in CAPABLE if row.when], ids=lambda row: f"{row.form} {row.action}"
)
def test_a_precondition_that_is_false_takes_it_away(row: CapabilityRow) -> None:
    wrong = dict.fromkeys(SETTINGS, "no")
    changed = [{"runs_as": None}]
    if any(one.name in {"setting_value", "exec_enabled"} for one in row.when):
        changed.append({"settings": wrong})
    if any(one.name == "state_is" for one in row.when):
        changed.append({"state": "Stopped"})
    if any(one.name == "port_open" for one in row.when):
        changed.append({"internet_reachable": False})
    for props in changed:
        answer, user, made = resolved(row.form, allow(row.action, asked(row)), **props)
        certainties = by(answer, user, row.action, made)
        assert len(certainties) == sum(
            r.action == row.action and not r.when for r in CAPABLE if r.form == row.form
        )


def test_a_row_is_asked_of_the_nodes_of_its_form_alone() -> None:
    land = Land()
    user = land.user("ana", allow("*"))
    made = {form: add(land, form, arn) for form, arn in EXAMPLES.items()}
    answer = Resolved(land.facts())
    actions = {row.action for row in ROWS.capabilities}
    for form, node in made.items():
        legal = {row.action for row in ROWS.capabilities if row.form == form}
        hows = {str(g.props["how"]) for g, _on, reached in answer.held(user) if reached == node}
        assert hows & actions == legal, form


def test_a_part_of_the_versions_is_a_condition() -> None:
    answer, user, made = resolved(
        "Model", allow("sagemaker:UpdateModelPackage", f"{SAGEMAKER}model-package/scores/3")
    )
    assert by(answer, user, "sagemaker:UpdateModelPackage", made) == [Certainty.CONDITIONAL]


def test_a_secret_under_a_customer_key_needs_the_key() -> None:
    for more, wanted in (((), []), ((allow("kms:Decrypt"),), [Certainty.DEFINITE])):
        land = Land()
        user = land.user("ana", allow("secretsmanager:GetSecretValue"), *more)
        made = add(land, "Secret", EXAMPLES["Secret"])
        land.edge("ENCRYPTED_BY", made, land.kms_key("k"))
        assert by(Resolved(land.facts()), user, "secretsmanager:GetSecretValue", made) == wanted


def test_a_secret_under_the_service_s_own_key_stays_in_its_account() -> None:
    for with_key, wanted in ((False, []), (True, [Certainty.DEFINITE])):
        land = Land(A, B)
        user = land.user("dov", allow(["secretsmanager:*", "kms:*"]), account=B)
        made = add(land, "Secret", EXAMPLES["Secret"])
        said = {**allow("secretsmanager:GetSecretValue"), "Principal": {"AWS": B}}
        land._resource(
            made, A, "secretsmanager.get_resource_policy/token-Ab12Cd", REGION, (said,)
        )  # as other policies are told
        if with_key:
            use = {**allow("kms:*"), "Principal": {"AWS": B}}
            land.edge("ENCRYPTED_BY", made, land.kms_key("k", use))
        assert by(Resolved(land.facts()), user, "secretsmanager:GetSecretValue", made) == wanted


# Techniques.


@pytest.mark.parametrize("row", TECHNIQUES, ids=lambda row: row.id)
def test_the_needs_of_a_technique_are_enough(row: Technique) -> None:
    for place in range(len(row.gains)):
        answer, user, reached = around(row, *statements(row, bound(row, place)))
        wanted = Certainty.DEFINITE if row.demonstrated else Certainty.POSSIBLE
        if any(OPEN & set(one.arguments) for one in row.when):
            wanted = Certainty.CONDITIONAL
        assert by(answer, user, row.how, reached[place]) == [wanted]


@pytest.mark.parametrize("row", TECHNIQUES, ids=lambda row: row.id)
def test_each_need_of_a_technique_is_needed(row: Technique) -> None:
    for place, need in enumerate(row.needs):
        if isinstance(need.any[0], Predicate) or _said_elsewhere(row, place):
            continue
        answer, user, reached = around(row, *statements(row, bound(row), without=place))
        assert by(answer, user, row.how, reached[0]) == [], need


def _said_elsewhere(row: Technique, place: int) -> bool:
    """Whether another need has a statement that meets this one as well."""
    mine = row.needs[place].any
    others = [n.any[0] for at, n in enumerate(row.needs) if at != place]
    return any(
        isinstance(part, Ask)
        and any(
            isinstance(o, Ask)
            and (
                (o.action, o.pattern, o.at) == (part.action, part.pattern, part.at)
                or (o.action == part.action and o.at == "$role" and part.at == "new")
            )
            for o in others
        )
        for part in mine
    )


@pytest.mark.parametrize("row", TECHNIQUES, ids=lambda row: row.id)
def test_a_denied_action_ends_a_technique(row: Technique) -> None:
    for need in row.needs:
        actions = [part.action for part in need.any if isinstance(part, Ask)]
        answer, user, reached = around(row, *statements(row, bound(row)), deny(actions))
        assert by(answer, user, row.how, reached[0]) == [], actions


@pytest.mark.parametrize("row", [row for row in TECHNIQUES if row.passes], ids=lambda row: row.id)
def test_a_role_that_trusts_another_service_is_not_passed(row: Technique) -> None:
    answer, user, reached = around(
        row, *statements(row, bound(row)), service="backup.amazonaws.com"
    )
    assert by(answer, user, row.how, reached[0]) == []


@pytest.mark.parametrize("row", TECHNIQUES, ids=lambda row: row.id)
def test_another_role_or_resource_is_not_reached(row: Technique) -> None:
    if row.gains[0].at == "potential" and not row.passes:
        pytest.skip("its role is the domain's, and no permission on it is asked")
    answer, user, reached = around(row, *statements(row, bound(row) + "-other"))
    assert by(answer, user, row.how, reached[0]) == []


def test_a_new_profile_takes_the_default_role_of_a_domain_and_no_other() -> None:
    row = next(row for row in TECHNIQUES if row.id == "sm-profile")
    land = Land()
    user = land.user("ana", *statements(row, ""))
    roles = [land.role(name) for name in ("default", "other")]
    add(land, "Workspace", EXAMPLES["Workspace"], settings={"user_execution_role": roles[0]})
    answer = Resolved(land.facts())
    reached = [
        bool(by(answer, user, row.how, NodeId(f"potential:sm-profile/{role}"))) for role in roles
    ]
    assert reached == [True, False]
    assert answer.how_sure(user, roles[0], Capability.CONTROL) is Certainty.POSSIBLE


def test_what_exists_nowhere_to_be_seen_is_a_condition() -> None:
    row = next(row for row in TECHNIQUES if row.id == "ecs-004")
    land = Land()
    role = land.role("passed", trust=[trusts("ecs-tasks.amazonaws.com")])
    user = land.user("ana", *statements(row, role))
    answer = Resolved(land.facts())
    assert by(answer, user, row.how, NodeId(f"potential:ecs-004/{role}")) == [Certainty.CONDITIONAL]


def test_two_attached_policies_are_asked_each_by_itself() -> None:
    land = Land()
    user = land.user(
        "ana", allow("iam:CreatePolicyVersion", f"arn:aws:iam::{A}:policy/mine", sid="Own")
    )
    first, mine = (land.managed(name, allow("s3:ListBucket")) for name in ("first", "mine"))
    land.attach(user, first, mine)
    answer = Resolved(land.facts())
    assert [g for g, _on, _target in answer.held(user) if g.props["how"] == "iam-001"]


# Loading.


def test_every_precondition_of_a_row_is_decided_or_part_of_asking() -> None:
    asking = {"self_is", "same_account", "trust_names_service", "trust_allows", "policy_attached_to_self", "policy_attached_to", "member_of", "gains_over_self", "policy_has_wider_version", "tag_stands_between", "assigned_to_self"}  # fmt: skip
    predicates = Predicates(Estate(Land().facts(), instant=None))  # type: ignore[arg-type]  # nothing is asked
    for technique_row in ROWS.techniques:
        for one in technique_row.when:
            assert predicates.speaks_of_node(one) or one.name in asking, technique_row.id
    for row in (*ROWS.capabilities, *ROWS.yields):
        assert all(map(predicates.speaks_of_node, row.when)), row
    assert asking <= set(PREDICATES)


GOOD: dict[str, Any] = {
    "id": "x",
    "title": "x",
    "needs": [{"action": "glue:UpdateJob", "at": "$res"}],
    "gains": [{"capability": "CONTROL", "at": "$res", "kind": "Job"}],
    "status": "D",
    "source": "OS",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"when": ["no_such_thing($res)"]},
        {"needs": [{"action": "glue:UpdateJob", "at": "$nobody"}]},
        {"needs": [{"action": "glue:UpdateJob", "at": "new"}]},
        {"gains": [{"capability": "CONTROL", "at": "$nobody", "kind": "Job"}]},
        {"gains": [{"capability": "CONTROL", "at": "$res"}]},
        {"gains": [{"capability": "READ", "at": "$res", "kind": "Job"}]},
        {"status": "X"},
    ],
)
def test_a_technique_that_the_engine_would_not_understand_is_refused(wrong: dict[str, Any]) -> None:
    technique(GOOD)
    with pytest.raises(SchemaError):
        technique({**GOOD, **wrong})


@pytest.mark.parametrize(
    "wrong", [{"at": "nowhere"}, {"capability": "PROMOTE"}, {"when": ["no_such_thing($res)"]}]
)
def test_a_capability_row_that_the_engine_would_not_understand_is_refused(
    wrong: dict[str, Any],
) -> None:
    good = {"capability": "READ", "action": "s3:GetObject", "doc": "x"}
    assert list(capability_rows("Dataset", [good]))
    with pytest.raises(SchemaError):
        list(capability_rows("Dataset", [{**good, **wrong}]))


def test_two_forms_of_one_name_are_refused() -> None:
    with pytest.raises(SchemaError):
        forms(
            "Agent", [{"form": "a", "arn": "x", "rows": []}, {"form": "a", "arn": "y", "rows": []}]
        )

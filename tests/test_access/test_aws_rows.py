"""Every capability and technique row about a resource: what it needs is enough, and each part of it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from builders import REGION, A, B, Land, allow, deny, trusts
from resolved import Resolved

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
SAGEMAKER, BEDROCK = f"arn:aws:sagemaker:{REGION}:{A}:", f"arn:aws:bedrock:{REGION}:{A}:"
AGENTCORE = f"arn:aws:bedrock-agentcore:{REGION}:{A}:"
EXAMPLES = {  # the resource of each form, and what preconditions read of it
    "Dataset/access-point": f"arn:aws:s3:{REGION}:{A}:accesspoint/door",
    "Dataset/table": f"arn:aws:glue:{REGION}:{A}:table/claims/paid",
    "Secret": f"arn:aws:secretsmanager:{REGION}:{A}:secret:token-Ab12Cd",
    "Workspace": f"{SAGEMAKER}domain/d-1",
    "Notebook/notebook-instance": f"{SAGEMAKER}notebook-instance/nb",
    "Notebook/user-profile": f"{SAGEMAKER}user-profile/d-1/ana",
    "Notebook/space": f"{SAGEMAKER}space/d-1/lab",
    "Endpoint": f"{SAGEMAKER}endpoint/score",
    "Endpoint/provisioned-model": f"{BEDROCK}provisioned-model/p1",
    "Endpoint/custom-model-deployment": f"{BEDROCK}custom-model-deployment/c1",
    "Endpoint/inference-profile": f"{BEDROCK}inference-profile/eu.model",
    "Endpoint/application-inference-profile": f"{BEDROCK}application-inference-profile/a1",
    "Code/notebook-lifecycle": f"{SAGEMAKER}notebook-instance-lifecycle-config/lc",
    "Code/studio-lifecycle": f"{SAGEMAKER}studio-lifecycle-config/lc",
    "Model": f"{SAGEMAKER}model-package-group/scores",
    "ModelVersion/model-package": f"{SAGEMAKER}model-package/scores/3",
    "ModelVersion/custom-model": f"{BEDROCK}custom-model/m1",
    "ModelVersion/imported-model": f"{BEDROCK}imported-model/i1",
    "Pipeline": f"{SAGEMAKER}pipeline/train",
    "Schedule": f"{SAGEMAKER}monitoring-schedule/watch",
    "Job": f"arn:aws:glue:{REGION}:{A}:job/clean",
    "FeatureStore": f"{SAGEMAKER}feature-group/people",
    "Agent/agent": f"{BEDROCK}agent/A1",
    "Agent/runtime": f"{AGENTCORE}runtime/r-1",
    "Agent/gateway": f"{AGENTCORE}gateway/g-1",
    "Service/code-interpreter": f"{AGENTCORE}code-interpreter-custom/i-1",
    "Service/browser": f"{AGENTCORE}browser-custom/b-1",
    "KnowledgeBase": f"{BEDROCK}knowledge-base/K1",
    "Guardrail": f"{BEDROCK}guardrail/g1",
    "Image": f"arn:aws:ecr:{REGION}:{A}:repository/serve",
    "Service/ecs": f"arn:aws:ecs:{REGION}:{A}:service/main/api",
    "Service/mlflow": f"{SAGEMAKER}mlflow-tracking-server/track",
    "Cluster/hyperpod": f"{SAGEMAKER}cluster/h1",
    "Cluster/eks": f"arn:aws:eks:{REGION}:{A}:cluster/k1",
    "VirtualMachine": f"arn:aws:ec2:{REGION}:{A}:instance/i-0a",
    "Function": f"arn:aws:lambda:{REGION}:{A}:function:tool",
    "Pipeline/stack": f"arn:aws:cloudformation:{REGION}:{A}:stack/network/0a1b",
    "Pipeline/state-machine": f"arn:aws:states:{REGION}:{A}:stateMachine:orders",
    "Job/dev-endpoint": f"arn:aws:glue:{REGION}:{A}:devEndpoint/bench",
    "Job/build-project": f"arn:aws:codebuild:{REGION}:{A}:project/site",
    "Job/batch-definition": f"arn:aws:batch:{REGION}:{A}:job-definition/nightly:3",
    "Service/apprunner": f"arn:aws:apprunner:{REGION}:{A}:service/web/0a1b",
}
PLACES = {  # what an action is asked on that is no node, spelt out
    "packages": f"{SAGEMAKER}model-package/scores/*",
    "aliases": f"{BEDROCK}agent-alias/A1/*",
    "tasks": f"arn:aws:ecs:{REGION}:{A}:task/main/*",
}
SETTINGS = {
    "remote_access": "ENABLED",
    "exec": "true",
    "ssm_managed": "true",
    "authentication": "API",
    "batch": "true",
}
STATES = {"VirtualMachine": "running"}
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


def add(land: Land, form: str, arn: str, **props: Any) -> NodeId:
    """The resource, running as a role of its own where its kind runs."""
    kind = form.partition("/")[0]
    computes = kind in {"Notebook", "Pipeline", "Job", "Endpoint", "Agent", "Service", "Cluster", "VirtualMachine", "Function"}  # fmt: skip
    given: dict[str, Any] = {"settings": SETTINGS} if kind not in {"Secret", "FeatureStore"} else {}
    if computes:
        given["state"] = STATES.get(kind, "InService")
        given["runs_as"] = land.role(f"of-{form.replace('/', '-')}")
    call = "secretsmanager.list_secrets" if kind == "Secret" else f"{kind.lower()}.list"
    made = land.workload(kind, arn, call, **{**given, **props})
    policy_call = ROWS.kinds[form].resource_policy
    if policy_call:
        held = arn.replace("model-package/scores/3", "model-package-group/scores")
        name = held.rpartition("/")[2] if "/" in held else held.rpartition(":")[2]
        land.cover(land.key(A, f"{policy_call}/{name}", REGION))
    return made


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


def filled(text: str) -> str:
    return text.replace("{partition}", "aws").replace("{account}", A)


def statements(row: Technique, bound: str, *, without: int = -1) -> Iterator[dict[str, Any]]:
    """What the technique needs, as narrow as it goes; `without` leaves out one need."""
    for place, need in enumerate(row.needs):
        part = need.any[0]
        if place != without and isinstance(part, Ask):
            yield allow(
                part.action,
                filled(part.pattern) if part.at == "new" else "*" if part.at == "*" else bound,
                **({"Condition": {"StringEquals": dict(part.context)}} if part.context else {}),
            )


def around(
    row: Technique, *own: dict[str, Any], service: str = ""
) -> tuple[Resolved, NodeId, list[NodeId]]:
    """An account with everything that the row's preconditions ask for; what the technique would reach."""
    land = Land(A, B)
    user = land.user("ana", *own)
    role = land.role(
        "passed",
        trust=[trusts(service or row.passes or "ec2.amazonaws.com")],
        instance_profile=True,
    )
    for form in ("Service/ecs", "Notebook/notebook-instance", "Agent/runtime", "Job"):
        if any(one.name == "exists" for one in row.when):
            add(land, form, EXAMPLES[form])
    if any("ecs container instance" in one.arguments for one in row.when):
        arn = f"arn:aws:ecs:{REGION}:{A}:cluster/main"
        land.workload("Cluster", arn, "ecs.clusters", settings={"container_instances": "2"})
    if any(one.name == "default_role" for one in row.when):
        add(land, "Workspace", EXAMPLES["Workspace"], settings={"user_execution_role": role})
    reached = []
    for gain in row.gains:
        if gain.at == "$res":
            known = NodeId(EXAMPLES[gain.form])
            reached.append(known if known in land.nodes else add(land, gain.form, known))
        else:
            reached.append(role if gain.at == "$role" else NodeId(f"potential:{row.id}/{role}"))
    return Resolved(land.facts()), user, reached


def bound(row: Technique, place: int = 0) -> str:
    gain = row.gains[place]
    return EXAMPLES[gain.form] if gain.at == "$res" else f"arn:aws:iam::{A}:role/passed"


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

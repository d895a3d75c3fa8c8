"""Cases of the foundation about paths: passed roles, jobs, trust, federation, delegated data."""

from __future__ import annotations

from builders import REGION, A, B, Land, allow, deny, to, trusts
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId
from graph.view import Keep

READ, WRITE, CONTROL, INVOKE, ADMIN, DELEGATE = (
    Capability.READ,
    Capability.WRITE,
    Capability.CONTROL,
    Capability.INVOKE,
    Capability.ADMIN,
    Capability.DELEGATE,
)
GET, PUT = "s3:GetObject", "s3:PutObject"
SAGEMAKER = "sagemaker.amazonaws.com"


# 5: passing a role


def passing(land: Land, name: str, role: str, *more: dict[str, object]) -> NodeId:
    return land.user(
        name,
        allow("iam:PassRole", role, sid="Pass"),
        allow("sagemaker:CreateTrainingJob", "*", sid="Create"),
        *more,
    )


def test_whoever_passes_a_role_to_a_new_job_reaches_that_role_only() -> None:
    land = Land()
    roles = {
        name: land.role(name, allow(GET, f"arn:aws:s3:::{name}/*"), trust=[trusts(SAGEMAKER)])
        for name in ("first", "second")
    }
    buckets = {name: land.bucket(name) for name in roles}
    alice, bob = passing(land, "alice", roles["first"]), passing(land, "bob", roles["second"])
    answer = Resolved(land.facts())
    for user, own, other in ((alice, "first", "second"), (bob, "second", "first")):
        reached = answer.reach(user)
        assert (roles[own], CONTROL) in reached
        assert (buckets[own], READ) in reached
        assert (roles[other], CONTROL) not in reached
        assert (buckets[other], READ) not in reached


def test_a_role_that_trusts_another_service_is_not_taken_by_a_job() -> None:
    land = Land()
    role = land.role("r", trust=[trusts("glue.amazonaws.com")])
    alice = passing(land, "alice", role)
    assert (role, CONTROL) not in Resolved(land.facts()).reach(alice)


# 6: what runs again


def job_with_script(*, reruns: bool) -> tuple[Resolved, NodeId, NodeId, NodeId]:
    land = Land()
    bucket = land.bucket("code")
    place = land.prefix(bucket, "train/")
    role = land.role("trainer", trust=[trusts(SAGEMAKER)])
    job = land.job("nightly", role, reruns=reruns)
    key = land.key(A, "sagemaker.list_training_jobs", REGION)
    script = land.node("arn:aws:s3:::code/train/run.py", "Code", key, name="run.py", platform="aws")
    land.edge("STORED_IN", script, place, key)
    land.edge("EXECUTES", job, script, key)
    user = land.user("ana", allow(PUT, "arn:aws:s3:::code/train/*"))
    return Resolved(land.facts()), user, job, role


def test_the_script_of_a_finished_job_gives_nothing() -> None:
    answer, user, job, role = job_with_script(reruns=False)
    assert {(job, CONTROL), (role, CONTROL)}.isdisjoint(answer.reach(user))


def test_the_script_of_a_scheduled_job_gives_control_of_its_role() -> None:
    answer, user, job, role = job_with_script(reruns=True)
    assert {(job, CONTROL), (role, CONTROL)} <= set(answer.reach(user))


# 12: single sign-on


def sign_on(*more: dict[str, object]) -> tuple[Resolved, NodeId, NodeId]:
    land = Land(A, B)
    provider = f"arn:aws:iam::{A}:saml-provider/AWSSSO_x"
    key = land.key(A, "iam.list_saml_providers")
    land.node(provider, "IdentityProvider", key, name="AWSSSO_x", platform="aws", account=A)
    entry = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    reserved = land.role(
        "AWSReservedSSO_Reader_0123",
        allow("sts:AssumeRole", "*"),
        trust=[entry],
        path="aws-reserved/sso.amazonaws.com/",
        reserved="sso",
    )
    land.edge("VOUCHES_FOR", provider, reserved, key)
    target = land.role("in-b", trust=[trusts(reserved)], account=B)
    admin = land.user("root-like", allow("*", "*", sid="All"), *more)
    return Resolved(land.facts()), admin, target


def test_an_administrator_who_may_not_write_the_sign_on_provider_has_no_path_through_its_roles() -> (
    None
):
    answer, admin, target = sign_on(deny("iam:UpdateSAMLProvider", "*", sid="NotTheProvider"))
    assert (target, CONTROL) not in answer.reach(admin)


def test_an_administrator_who_may_write_the_sign_on_provider_has_one() -> None:
    answer, admin, target = sign_on()
    assert answer.how_sure(admin, target, CONTROL) is Certainty.POSSIBLE


# 15 stands with the hand-built cases; 16: data lent to a service


def lent() -> tuple[Resolved, dict[str, NodeId]]:
    land = Land()
    bucket = land.bucket("training")
    key = land.kms_key("k")
    sealed = land.bucket("sealed", encrypted_by=key)
    runner = land.role("runner", trust=[trusts("lambda.amazonaws.com")])
    function = land.function("f", runner)
    other = land.role("other", trust=[trusts(f"arn:aws:iam::{A}:root")])
    role = land.role(
        "customizer",
        allow([GET, PUT], ["arn:aws:s3:::training/*", "arn:aws:s3:::sealed/*"]),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], "*"),
        allow("sts:AssumeRole", other),
        allow("iam:CreateAccessKey", "*"),
        trust=[trusts("bedrock.amazonaws.com")],
    )
    user = land.user(
        "ana",
        allow("iam:PassRole", role, sid="Pass"),
        allow("bedrock:CreateModelCustomizationJob", "*", sid="Create"),
    )
    names = {"bucket": bucket, "sealed": sealed, "function": function, "other": other}
    return Resolved(land.facts()), {**names, "role": role, "user": user, "key": key}


def test_a_customisation_job_lends_the_data_of_the_role() -> None:
    answer, names = lent()
    reached = answer.reach(names["user"])
    for dataset in ("bucket", "sealed"):
        assert (names[dataset], READ) in reached
        assert (names[dataset], WRITE) in reached


def test_a_customisation_job_lends_neither_the_rights_nor_the_functions_of_the_role() -> None:
    answer, names = lent()
    reached = set(answer.reach(names["user"]))
    assert (names["role"], CONTROL) not in reached
    assert (names["other"], CONTROL) not in reached
    assert {state for state in reached if state[0] == names["function"]} == set()
    assert {node for node, capability in reached if capability is CONTROL} == set()


# 20: federation with a wildcard subject

HOST = "token.actions.githubusercontent.com"
SUBJECT = "repo:acme/*"


def federated(subject: str = SUBJECT) -> tuple[Resolved, dict[str, NodeId]]:
    land = Land(A, B)
    entry = {
        "Sid": "Github",
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{A}:oidc-provider/{HOST}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringLike": {f"{HOST}:sub": subject},
            "StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"},
        },
    }
    role = land.role(
        "release", allow("iam:PutRolePolicy", f"arn:aws:iam::{A}:role/release"), trust=[entry]
    )
    there = land.role("in-b", allow(GET, "*"), trust=[trusts(role)], account=B)
    bucket = land.bucket("b", account=B)
    outside = NodeId(f"external:oidc/{HOST}/{subject}")
    return Resolved(land.facts()), {"role": role, "there": there, "bucket": bucket, "out": outside}


def test_a_federated_subject_pattern_reaches_the_role_and_its_breadth_is_shown() -> None:
    answer, names = federated()
    assert answer.how_sure(names["out"], names["role"], CONTROL) is Certainty.DEFINITE
    assert answer.nodes[names["out"]].props["breadth"] == SUBJECT
    (grant,) = answer.grants_on(names["out"], names["role"], CONTROL)
    assert f"breadth {SUBJECT}" in grant.props["notes"]


def test_a_role_that_may_widen_itself_reaches_the_account_that_trusts_it_by_name() -> None:
    answer, names = federated()
    reached = answer.reach(names["role"])
    assert answer.grants_on(names["role"], names["there"], CONTROL) == []
    assert (names["there"], CONTROL) in reached
    assert (names["bucket"], READ) in reached
    assert (names["bucket"], READ) in answer.reach(names["out"])


def test_without_the_widening_the_way_to_the_other_account_is_gone() -> None:
    answer, names = federated()
    (grant, _on, target) = next(
        row for row in answer.held_by(names["role"]) if row[0].props["how"] == "iam-005"
    )
    (need,) = answer.explainer.needs(grant, names["role"], target)
    (own,) = need.alternatives[0].revocables
    assert (names["there"], CONTROL) not in answer.reach_without(names["role"], own)


# Patterns of what a technique creates


def test_a_notebook_of_ones_own_is_one_potential_notebook_with_its_pattern() -> None:
    land = Land()
    trusted = land.role("notebooks", trust=[trusts(SAGEMAKER)])
    land.role("elsewhere", trust=[trusts("ec2.amazonaws.com")])
    mine = f"arn:aws:sagemaker:*:{A}:notebook-instance/dev-*"
    user = land.user(
        "ana",
        allow("iam:PassRole", "*", sid="Pass"),
        allow(
            ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
            mine,
            sid="Dev",
        ),
    )
    answer = Resolved(land.facts())
    (potential,) = answer.of("Notebook")
    assert potential.id == f"potential:sagemaker-001/{trusted}"
    grants = [grant for grant, _on, target in answer.held(user) if target == potential.id]
    assert len(grants) == 1
    assert any("dev-*" in note for note in grants[0].props.get("notes", ()))
    assert (trusted, CONTROL) in answer.reach(user)


def test_creating_one_name_and_opening_another_gives_no_notebook() -> None:
    land = Land()
    trusted = land.role("notebooks", trust=[trusts(SAGEMAKER)])
    names = f"arn:aws:sagemaker:*:{A}:notebook-instance/"
    user = land.user(
        "ana",
        allow("iam:PassRole", "*", sid="Pass"),
        allow("sagemaker:CreateNotebookInstance", f"{names}dev-*", sid="Create"),
        allow("sagemaker:CreatePresignedNotebookInstanceUrl", f"{names}prod-*", sid="Open"),
    )
    assert (trusted, CONTROL) not in Resolved(land.facts()).reach(user)


def test_a_model_below_a_written_prefix_leads_into_the_endpoint_that_serves_it() -> None:
    land = Land()
    place = land.prefix(land.bucket("models"), "fraud/v1/")
    model = land.model("fraud-v1", place)
    role = land.role("server", allow(GET, "arn:aws:s3:::claims/*"), trust=[trusts(SAGEMAKER)])
    claims = land.bucket("claims")
    endpoint = land.endpoint("fraud", role, reruns=True)
    key = land.key(A, "sagemaker.list_endpoints", REGION)
    land.edge("SERVES", endpoint, model, key)
    land.edge("EXECUTES", endpoint, model, key, certainty=Certainty.POSSIBLE)
    user = land.user("contractor", allow(PUT, "arn:aws:s3:::models/fraud/*"))
    reached = Resolved(land.facts()).reach(user)
    assert reached[endpoint, WRITE] is Certainty.DEFINITE
    assert reached[claims, READ] is Certainty.POSSIBLE


def test_definite_steps_alone_do_not_take_an_unsafe_load() -> None:
    land = Land()
    model = land.model("m", land.prefix(land.bucket("models"), "m/"))
    role = land.role("server", trust=[trusts(SAGEMAKER)])
    endpoint = land.endpoint("e", role, reruns=True)
    key = land.key(A, "sagemaker.list_endpoints", REGION)
    land.edge("EXECUTES", endpoint, model, key, certainty=Certainty.POSSIBLE)
    user = land.user("ana", allow(PUT, "arn:aws:s3:::models/*"))
    sure = Resolved(land.facts()).reach(user, Keep(certainty=Certainty.DEFINITE))
    assert (role, CONTROL) not in sure


def test_the_service_in_a_trust_is_no_principal_of_the_graph() -> None:
    land = Land()
    land.role("r", trust=[trusts(SAGEMAKER)])
    land.bucket("b", to({"Service": "logging.s3.amazonaws.com"}, allow(PUT, "arn:aws:s3:::b/*")))
    answer = Resolved(land.facts())
    assert answer.of("External") == ()
    assert answer.of("Public") == ()

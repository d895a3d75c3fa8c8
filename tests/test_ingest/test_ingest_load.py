"""Loading into a real store: what stands, what falls, and what is said about it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ingest_snapshots import (
    B,
    Made,
    bucket_call,
    buckets,
    denied,
    identities,
    role,
    snapshot,
    unresolved,
    user,
)

from graph.errors import SourceError
from graph.model import Conclusions, CoverageKey, Edge, Facts, Node, NodeId, Outcome
from graph.store import Store
from graph.stores import open_store
from ingest.load import LoadReport, load, load_file, load_snapshot

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[1] / "data" / "aws" / "example-account.json"
NOTEBOOK = "arn:aws:sagemaker:eu-west-1:111111111111:notebook-instance/n"
ALL = {"BlockPublicAcls": True, "RestrictPublicBuckets": True}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'estate.db'}", create=True)
    yield opened
    opened.close()


class Loads:
    """Loads one snapshot after the other, a day apart."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root, self.store, self.day = root, store, 0

    def __call__(self, *calls: Made, finished: bool = True) -> LoadReport:
        self.day += 1
        path = snapshot(self.root / f"s{self.day}", calls, finished=finished)
        return load_snapshot(
            path, self.store, resolve=unresolved, now=NOW + timedelta(days=self.day)
        )


@pytest.fixture
def loads(tmp_path: Path, store: Store) -> Loads:
    return Loads(tmp_path, store)


def _node(store: Store, name: str) -> Node:
    found = store.get(NodeId(name))
    assert found is not None, name
    return found


def _edges(store: Store, kind: str) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in store.edges(kinds=frozenset({kind}))]


def _notebook(**rest: Any) -> tuple[Made, ...]:
    """A notebook with what its description says, and its owner tag."""
    listed = {"NotebookInstances": [{"NotebookInstanceName": "n", "NotebookInstanceArn": NOTEBOOK}]}
    made = (
        Made("sagemaker.list_notebook_instances", "", (listed,)),
        Made(
            "sagemaker.describe_notebook_instance",
            "n",
            ({"NotebookInstanceArn": NOTEBOOK, **rest},),
        ),
        Made("sagemaker.list_tags", NOTEBOOK, ({"Tags": [{"Key": "owner", "Value": "ana"}]},)),
    )
    return tuple(
        replace(
            call,
            region="eu-west-1",
            parent="sagemaker.list_notebook_instances" if call.argument else None,
        )
        for call in made
    )


def test_a_file_is_loaded_as_one_run(store: Store) -> None:
    report = load_file(EXAMPLE, store, resolve=unresolved, now=NOW)
    assert report.complete
    assert report.nodes["Role"] == 78
    assert report.written.record.version == store.version() == 1
    assert sum(1 for node in store.nodes() if node.kind == "User") == 44


def test_loading_the_same_again_changes_nothing(store: Store) -> None:
    load_file(EXAMPLE, store, resolve=unresolved, now=NOW)
    again = load_file(EXAMPLE, store, resolve=unresolved, now=NOW + timedelta(days=1))
    assert not again.written.facts
    assert store.version() == 2


def test_a_path_is_loaded_as_what_it_is(tmp_path: Path, store: Store) -> None:
    folder = snapshot(tmp_path / "s", [buckets("b")])
    assert load(folder, store, resolve=unresolved, now=NOW).nodes["Dataset"] == 1
    assert load(EXAMPLE, store, resolve=unresolved, now=NOW).nodes["Group"] == 5


def test_what_the_resolver_concludes_is_stored(tmp_path: Path, store: Store) -> None:
    def resolve(facts: Facts, *, instant: datetime) -> Conclusions:
        assert instant == NOW
        assert {node.id for node in facts.nodes} >= {"arn:aws:s3:::b"}
        return Conclusions(nodes=(Node(NodeId("grant:1"), "Grant", {"capability": "READ"}),))

    load_snapshot(snapshot(tmp_path / "s", [buckets("b")]), store, resolve=resolve, now=NOW)
    assert _node(store, "grant:1").kind == "Grant"


def test_a_resolver_that_fails_leaves_the_store_as_it_was(tmp_path: Path, store: Store) -> None:
    def resolve(facts: Facts, *, instant: datetime) -> Conclusions:
        raise SourceError(f"no {len(facts.nodes)} {instant}")

    with pytest.raises(SourceError):
        load_snapshot(snapshot(tmp_path / "s", [buckets("b")]), store, resolve=resolve, now=NOW)
    assert store.version() == 0
    assert not list(store.nodes())


def test_progress_is_told_by_stage(tmp_path: Path, store: Store) -> None:
    told: list[tuple[str, int, int]] = []
    load_snapshot(
        snapshot(tmp_path / "s", [buckets("b")]),
        store,
        resolve=unresolved,
        now=NOW,
        progress=lambda *stage: told.append(stage),
    )
    assert [stage for stage, _, _ in told] == ["read", "write", "resolve", "resolve"]
    assert all(done <= of for _, done, of in told)


def test_a_damaged_answer_loads_nothing(tmp_path: Path, store: Store) -> None:
    path = snapshot(tmp_path / "s", [buckets("a"), identities()])
    next(path.glob("answers/**/iam*.json")).write_text('{"pages": [', encoding="utf-8")
    with pytest.raises(SourceError, match="cut off"):
        load_snapshot(path, store, resolve=unresolved, now=NOW)
    assert store.version() == 0


def test_an_identity_that_is_no_longer_listed_falls(loads: Loads, store: Store) -> None:
    loads(identities(UserDetailList=[user("ana"), user("bo")]))
    loads(identities(UserDetailList=[user("ana")]))
    assert store.get(NodeId("arn:aws:iam::111111111111:user/bo")) is None


def test_a_denied_call_deletes_nothing(loads: Loads, store: Store) -> None:
    loads(identities(UserDetailList=[user("ana")]), buckets("b"))
    report = loads(denied("iam.get_account_authorization_details"), buckets("b"))
    assert _node(store, "arn:aws:iam::111111111111:user/ana").present
    assert not report.complete
    assert report.outcomes[Outcome.DENIED] == 1
    assert not report.written.facts


def test_an_item_that_cannot_be_read_keeps_what_its_call_said_before(
    loads: Loads, store: Store
) -> None:
    loads(identities(UserDetailList=[user("ana"), user("bo")]))
    broken = user("ana", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": "?"}])
    report = loads(identities(UserDetailList=[broken]))
    assert _node(store, "arn:aws:iam::111111111111:user/bo").present
    assert [row.where for row in report.skipped] == [
        "inline policy `p` of `arn:aws:iam::111111111111:user/ana`"
    ]
    assert report.outcomes == {Outcome.FAILED: 1}
    assert not report.complete


def test_a_bucket_that_is_gone_takes_its_calls_with_it(loads: Loads, store: Store) -> None:
    block = {"PublicAccessBlockConfiguration": ALL}
    loads(buckets("a", "b"), bucket_call("get_public_access_block", "b", block))
    loads(buckets("a"))
    assert store.get(NodeId("arn:aws:s3:::b")) is None


def test_an_interrupted_snapshot_deletes_nothing_that_it_did_not_reach(
    loads: Loads, store: Store
) -> None:
    block = {"PublicAccessBlockConfiguration": ALL}
    loads(buckets("b"), bucket_call("get_public_access_block", "b", block))
    report = loads(buckets("b"), finished=False)
    assert "block_public" in _node(store, "arn:aws:s3:::b").props
    assert report.interrupted
    assert not report.complete
    missed = {str(row.key): row.detail for row in report.coverage if row.outcome is Outcome.FAILED}
    assert missed == {
        "aws/111111111111/global/s3.get_public_access_block/b": "not asked in this snapshot"
    }


def test_a_snapshot_of_fewer_calls_keeps_what_it_did_not_ask(loads: Loads, store: Store) -> None:
    policy = {"Policy": '{"Statement": []}'}
    loads(buckets("a", "b"), *(bucket_call("get_bucket_policy", n, policy) for n in "ab"))
    loads(buckets("a"))
    assert [row.holder for row in store.attachments()] == ["arn:aws:s3:::a"]


def test_an_operation_of_a_newer_version_is_said_and_kept_out(loads: Loads, store: Store) -> None:
    report = loads(buckets("b"), Made("s3.get_bucket_mood", "b", ({"Mood": "good"},)))
    assert [row.what for row in report.oddities] == [
        "this version does not read answers of this operation"
    ]
    key = CoverageKey("aws", "111111111111", "global", "s3.get_bucket_mood/b")
    assert store.asserted(key) == 0


def test_a_leaver_stays_as_owner_without_being_present(loads: Loads, store: Store) -> None:
    loads(identities(UserDetailList=[user("ana")]), *_notebook())
    for _ in range(2):
        loads(identities(), *_notebook())
        assert _edges(store, "OWNED_BY") == [(NOTEBOOK, "arn:aws:iam::111111111111:user/ana")]
        assert not _node(store, "arn:aws:iam::111111111111:user/ana").present


def test_a_deleted_role_stays_as_the_end_of_what_runs_as_it(loads: Loads, store: Store) -> None:
    named = "arn:aws:iam::111111111111:role/r"
    loads(identities(RoleDetailList=[role("r")]), *_notebook(RoleArn=named))
    for _ in range(2):
        loads(identities(), *_notebook(RoleArn=named))
        assert not _node(store, named).present
        assert "referenced_only" not in _node(store, named).props


def test_a_role_that_is_only_named_becomes_one_that_is_listed(loads: Loads, store: Store) -> None:
    named = "arn:aws:iam::222222222222:role/r"
    loads(*_notebook(RoleArn=named))
    assert _node(store, named).props["referenced_only"] is True
    report = loads(identities(account=B, RoleDetailList=[role("r", account=B)]))
    assert "referenced_only" not in _node(store, named).props
    assert report.complete
    loads(*_notebook(RoleArn=named))
    loads(identities(account=B))
    assert not _node(store, named).present


def _policy(resource: str) -> dict[str, Any]:
    return {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Resource": resource}]}}


def test_accounts_that_are_loaded_apart_are_linked(loads: Loads, store: Store) -> None:
    inline = _policy("arn:aws:s3:::shared/models/*")
    loads(identities(RoleDetailList=[role("r", RolePolicyList=[inline])]))
    assert store.get(NodeId("arn:aws:s3:::shared/models/")) is None
    loads(buckets("shared", account=B))
    prefix = _node(store, "arn:aws:s3:::shared/models/")
    assert prefix.props["account"] == B
    assert {key.scope for key in prefix.asserted_by} == {"111111111111"}
    again = loads(buckets("shared", account=B))
    assert not again.written.facts


def test_a_prefix_falls_with_the_last_that_names_it(loads: Loads, store: Store) -> None:
    inline = _policy("arn:aws:s3:::b/models/*")
    named = NodeId("arn:aws:s3:::b/models/")
    own = {"Policy": '{"Statement": [{"Resource": "arn:aws:s3:::b/models/*"}]}'}
    loads(
        identities(RoleDetailList=[role("r", RolePolicyList=[inline])]),
        buckets("b"),
        bucket_call("get_bucket_policy", "b", own),
    )
    assert len(_node(store, named).asserted_by) == 2
    loads(identities(), buckets("b"), bucket_call("get_bucket_policy", "b", own))
    assert len(_node(store, named).asserted_by) == 1
    loads(identities(), buckets("b"), bucket_call("get_bucket_policy", "b"))
    assert store.get(named) is None


def test_a_bucket_without_policy_is_known_to_have_none(loads: Loads, store: Store) -> None:
    loads(buckets("b"), bucket_call("get_bucket_policy", "b"))
    key = CoverageKey("aws", "111111111111", "global", "s3.get_bucket_policy/b")
    outcomes = {row.key: row.outcome for row in store.coverage()}
    assert outcomes[key] is Outcome.OK
    assert not list(store.attachments())


def _endpoint(model: str, *, config: bool = True) -> list[Made]:
    arn = "arn:aws:sagemaker:eu-west-1:111111111111"
    region = "eu-west-1"
    described = {"ModelArn": f"{arn}:model/{model}", "ExecutionRoleArn": f"arn:aws:iam::{B}:role/r"}
    deployed = ({"EndpointConfigName": "c", "ProductionVariants": [{"ModelName": model}]},)
    configs = "sagemaker.list_endpoint_configs"
    return [
        Made("sagemaker.list_endpoints", pages=({"Endpoints": [{"EndpointArn": f"{arn}:endpoint/e"}]},), region=region),
        Made("sagemaker.describe_endpoint", "e", ({"EndpointConfigName": "c"},), parent="sagemaker.list_endpoints", region=region),
        Made(configs, pages=({"EndpointConfigs": [{"EndpointConfigName": "c"}]},), region=region),
        Made("sagemaker.describe_endpoint_config", "c", deployed if config else None, outcome=Outcome.OK if config else Outcome.THROTTLED, parent=configs, region=region),
        Made("sagemaker.describe_model", model, (described,), region=region),
    ]  # fmt: skip


def test_an_endpoint_keeps_what_a_throttled_configuration_said(loads: Loads, store: Store) -> None:
    loads(*_endpoint("m1"))
    before = {(edge.id, edge.asserted_by) for edge in store.edges()}
    report = loads(*_endpoint("m1", config=False))
    assert {(edge.id, edge.asserted_by) for edge in store.edges()} == before
    assert not report.written.facts


def test_an_endpoint_moves_to_the_model_that_its_configuration_names(
    loads: Loads, store: Store
) -> None:
    loads(*_endpoint("m1"))
    loads(*_endpoint("m2"))
    served = [target.rpartition("/")[2] for _, target in _edges(store, "SERVES")]
    assert served == ["m2"]


def test_a_control_policy_keeps_its_targets_where_its_listing_is_denied(
    loads: Loads, store: Store
) -> None:
    arn = "arn:aws:organizations::9:policy/o-1/service_control_policy/p-1"
    summary = {"Id": "p-1", "Arn": arn, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": False}
    content = {"Policy": {"PolicySummary": summary, "Content": '{"Statement": []}'}}
    listing = "organizations.list_policies/SERVICE_CONTROL_POLICY"
    listed = Made(
        "organizations.list_policies", "SERVICE_CONTROL_POLICY", ({"Policies": [summary]},)
    )
    rest = (
        Made("organizations.describe_policy", "p-1", (content,), parent=listing),
        Made("organizations.list_targets_for_policy", "p-1", ({"Targets": [{"TargetId": "r-1"}]},), parent=listing),
    )  # fmt: skip
    loads(listed, *rest)
    held = sorted((row.holder, row.policy) for row in store.attachments())
    loads(denied("organizations.list_policies", "SERVICE_CONTROL_POLICY"), rest[1])
    assert sorted((row.holder, row.policy) for row in store.attachments()) == held
    assert ("aws:ou/r-1", arn) in held


def test_people_are_linked_over_accounts_that_are_loaded_apart(loads: Loads, store: Store) -> None:
    tags = [{"Key": "email", "Value": "ana@example.com"}]
    loads(identities(UserDetailList=[user("ana", Tags=tags)]))
    loads(identities(account=B, UserDetailList=[user("a", account=B, Tags=tags)]))
    assert len(_edges(store, "HAS_ACCOUNT")) == 2
    links = list(store.edges(kinds=frozenset({"HAS_ACCOUNT"})))
    assert {edge.basis.value for edge in links} == {"inferred"}
    assert all(isinstance(edge, Edge) for edge in links)

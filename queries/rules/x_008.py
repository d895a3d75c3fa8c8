"""X-008: another cloud's identities come by federation to data of this one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graph.model import Capability, Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, gained
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("iam.list_open_id_connect_providers", "iam.get_open_id_connect_provider", *IAM)
CLOUDS: Mapping[str, re.Pattern[str]] = {
    "Azure": re.compile(r"(^|[/.])(sts\.windows\.net|login\.microsoftonline\.(com|us)|oic\.prod-aks\.azure\.com)(/|$)|\.oic\.prod-aks\.azure\.com(/|$)"),
    "Google Cloud": re.compile(r"(^|[/.])(accounts\.google\.com|container\.googleapis\.com|securetoken\.google\.com)(/|$)"),
    "Databricks": re.compile(r"(^|[/.])(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com)(/|$)"),
    "Oracle Cloud": re.compile(r"(^|[/.])identity\.oraclecloud\.com(:443)?(/|$)"),
}  # fmt: skip
"""Whose tokens an issuer signs. SOURCE: the vendors' pages on workload identity federation, read 2026-11-26."""
_DATA = frozenset({"Dataset", "Model", "ModelVersion", "KnowledgeBase"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every role that a provider of another cloud vouches for, by the data and models that it reaches."""
    for provider in inventory.listed("IdentityProvider"):
        if provider.props.get("flavour") == "saml":
            continue
        unread = inventory.unread(provider, *NEEDS)
        cloud = cloud_of(inventory, provider)
        if not cloud and unread:
            yield blind(provider, "whose tokens it takes was not read", unread)
        elif not cloud:
            yield assessed(provider, Verdict.NOT_APPLICABLE, "it is no other cloud")
        else:
            yield from _crossing(inventory, provider, cloud)


def cloud_of(inventory: Inventory, provider: Node) -> str:
    """The cloud whose tokens the provider takes, by the host of its issuer; empty where it is none that is known."""
    issuer = inventory.setting(provider, "url") or provider.name
    host = issuer.removeprefix("https://").lower()
    return next((cloud for cloud, form in CLOUDS.items() if form.search(host)), "")


def _crossing(inventory: Inventory, provider: Node, cloud: str) -> Iterator[Assessed]:
    found = False
    for role in inventory.targets(provider.id, "VOUCHES_FOR"):
        reached = {
            asset: gains
            for asset, gains in gained(inventory, role.id).items()
            if inventory.nodes[asset].kind in _DATA and gains & {Capability.READ, Capability.WRITE}
        }
        if not reached:
            continue
        found = True
        ordered = sorted(reached, key=lambda asset: (-inventory.sensitivity(asset), asset))
        changed = sum(Capability.WRITE in gains for gains in reached.values())
        yield Assessed(
            provider.id,
            Verdict.FAIL,
            f"identities of {cloud} become `{role.name}`, which reaches {len(reached)} datasets and models, {changed} of them to change",
            (("role", role.id), ("cloud", cloud), *(("reaches", asset) for asset in ordered[:5])),
            identity=(role.id,),
            related=(role.id, *ordered[:20]),
        )
    if not found:
        yield assessed(
            provider, Verdict.PASS, f"what {cloud} becomes reaches no dataset and no model"
        )


RULE = Rule(
    id="x-008",
    ref="X-008",
    title="Identities of another cloud reach data or models",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("IdentityProvider",),
    needs=NEEDS,
    identity=("role",),
    fix="Name the one workload in the trust policy (`sub` and `aud`), and give its role only the data that it works on.",
    signals="An OIDC provider whose issuer is another cloud vouches for a role that reaches READ or WRITE of a dataset or model.",
    controls=(
        "SAML providers are people's sign-in, and left to other rules",
        "keys of model vendors are told by SH-008, storage credentials of Databricks from its side",
    ),
    ask=ask,
)

"""AWS-SM-061: a labelling job that shows sensitive data to the public workforce."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import bucket_of
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.list_labeling_jobs",)
_PUBLIC = ":workteam/public-crowd/"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every labelling job, by its team and how sensitive what it labels is."""
    for node in inventory.assets("Job"):
        if node.props.get("flavour") != "sagemaker labeling job":
            continue
        team = inventory.setting(node, "workteam")
        if team is None:
            yield blind(node, "its team was not read", inventory.unread(node, *NEEDS))
        elif _PUBLIC not in team:
            yield assessed(node, Verdict.PASS, "its team is no public workforce")
        else:
            uri = inventory.setting(node, "input:manifest") or ""
            place = bucket_of(NodeId(f"arn:aws:s3:::{uri.removeprefix('s3://')}"))
            level = inventory.sensitivity(place)
            if level > 0:
                why = f"the public workforce labels `{uri}`, which is rated {level}"
                yield Assessed(
                    node.id,
                    Verdict.FAIL,
                    why,
                    (("workteam", team), ("manifest", uri)),
                    related=(place,),
                )
            elif level == 0:
                yield assessed(node, Verdict.PASS, "what the public workforce labels is public")
            else:
                yield blind(node, "how sensitive what it labels is was never said", ())


RULE = Rule(
    id="aws-sm-061",
    ref="AWS-SM-061",
    title="Public workforce labels data that is not public",
    kind=Kind.GRAPH,
    family="EXP",
    severity=Severity.HIGH,
    on=("Job",),
    needs=NEEDS,
    fix="Use a private or vendor workforce for data that is not public.",
    signals="HumanTaskConfig.WorkteamArn is the public workforce, and the manifest's bucket is rated above public.",
    ask=ask,
)

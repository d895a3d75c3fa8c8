"""AWS-SM-037: a model package that whoever made it approved."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_model_package",)
WORDS = ("created", "changed")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every approved model package, by who made it and who changed it last."""
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") != "sagemaker model package":
            continue
        unread = inventory.unread(node, *NEEDS)
        if unread:
            yield blind(node, "who made and changed it was not read", unread)
        elif node.props.get("approval") != "Approved":
            yield assessed(node, Verdict.NOT_APPLICABLE, "it is not approved")
        else:
            maker, changer = (inventory.setting(node, f"{word}_by") or "" for word in WORDS)
            profile = [inventory.setting(node, f"{word}_by_profile") or "" for word in WORDS]
            if (maker and maker == changer) or (profile[0] and profile[0] == profile[1]):
                who = maker or profile[0]
                yield Assessed(
                    node.id,
                    Verdict.FAIL,
                    f"`{who}` made it and changed it last",
                    (("identity", who),),
                )
            elif not (maker or profile[0]) or not (changer or profile[1]):
                yield blind(node, "the registry does not say who made or changed it", ())
            else:
                yield assessed(node, Verdict.PASS, "another identity changed it last than made it")


RULE = Rule(
    id="aws-sm-037",
    ref="AWS-SM-037",
    title="Model package was approved by whoever made it",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.HIGH,
    on=("ModelVersion",),
    needs=NEEDS,
    fix="Let somebody else approve packages, and deny sagemaker:UpdateModelPackage to those who make them.",
    signals="CreatedBy and LastModifiedBy of an approved package are one identity or user profile.",
    controls=("any later edit moves LastModifiedBy: confirm with the UpdateModelPackage event",),
    ask=ask,
)

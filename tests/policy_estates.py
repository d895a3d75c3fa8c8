"""Small estates, drawn: one identity of a member account, a bucket with its key and access point, and a role to assume.

Each is a question in plain values for the slow twin, and facts that are resolved like those of any estate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aws_asking import AWAY, HOME, NOW, ROLE_ARN, USER_ARN
from builders import DETAILS, ORGANIZATION, Land
from hypothesis import strategies as st
from oracle.aws_policy import ALLOW, IMPLICIT, Question, evaluate, listed, through_access_point
from oracle.resolve import ANY_ACCOUNT, INTERNET
from policy_strategies import About, Case, document, key_grant, picked, stack
from policy_words import DATA_KEY, DECIDED, FULL, POINT, TRUSTING, UNDECIDED, Key, Target
from policy_worlds import Context, Worlds, in_world
from resolved import Resolved

from access.aws.access_points import TECHNIQUE
from access.aws.request import Mode
from graph.model import Attachment, Capability, Certainty, Document, NodeId, Role

GET = "s3:GetObject"
BUCKET = Target(
    (GET,),
    "arn:aws:s3:::b/x",
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::c/*", "arn:aws:s3:*"),
)
DOOR = Target(
    (GET,),
    f"{POINT}/door/object/x",
    (f"{POINT}/door/object/*", f"{POINT}/*", f"{POINT}/other/object/*", "arn:aws:s3:*"),
)
ASKED = ((BUCKET, GET), (DOOR, GET), (DATA_KEY, "kms:Decrypt"), (TRUSTING, "sts:AssumeRole"))
"""What is asked of the estate: all objects alike, so that one stands for them."""
_LEFT_OUT = {  # nothing of an estate says them, or not of every resource
    "aws:PrincipalTag/no",
    "aws:ResourceTag/env",
    "aws:RequestedRegion",
    "aws:userid",
    "kms:ViaService",
}
HERE = tuple(key for key in DECIDED if key.name not in _LEFT_OUT)
REACHED = {NodeId("arn:aws:s3:::b"), NodeId(TRUSTING.resource)}
OPEN = tuple(key for key in UNDECIDED if key.who == "open")


@dataclass(frozen=True)
class Small:
    """The estate as drawn; `asked` are its four questions: bucket, access point, key, role."""

    kind: str
    asked: tuple[Case, Case, Case, Case]
    scps: tuple[dict[str, Any], ...]
    rcps: tuple[dict[str, Any], ...]
    encrypted: bool
    point: bool

    @property
    def caller(self) -> NodeId:
        """The identity that asks."""
        return NodeId(self.asked[0].question.arn)


@st.composite
def estates(draw: st.DrawFn) -> Small:
    """An estate whose policies are about one another."""
    kind, elsewhere, *there = picked(
        draw,
        ("user", "role"),
        (False, False, True),
        *((True, False),) * 2,
        *((False, False, True),) * 4,
    )
    encrypted, point, bounded, limited, guarded, grouped = there
    pool: tuple[Key, ...] = tuple(picked(draw, OPEN, HERE, HERE))
    abouts = [About(target, action, kind, pool) for target, action in ASKED]

    def some(most: int) -> list[dict[str, Any]]:
        return [
            document(draw, picked(draw, abouts)[0]) for _ in range(picked(draw, range(most + 1))[0])
        ]

    everything = picked(draw, (True, False))[0]
    identity = [*([FULL] if everything else []), *some(2)]
    groups = some(1) if grouped and kind == "user" else []
    boundary = _joined([FULL, *some(1)]) if bounded else None
    scps = tuple(some(2)) if limited else ()
    rcps = tuple(stack(draw, abouts[0], 2, named=True, effects=("Deny",))) if guarded else ()
    owner = AWAY if elsewhere else HOME
    policies = [
        document(draw, about, named=True, bare=about.target.trust)
        if about.target in (DATA_KEY, TRUSTING) or picked(draw, (1, 1, 0))[0]
        else None
        for about in abouts
    ]
    grants = [key_grant(draw) for _ in range(picked(draw, (0, 0, 1))[0])]
    own = Question(
        kind=kind,
        arn=USER_ARN if kind == "user" else ROLE_ARN,
        account=HOME,
        action="",
        resource="",
        resource_account=HOME,
        session_name="s1",
        identity=identity,
        groups=groups,
        boundary=boundary,
        scps=[[FULL, *scps], [FULL]],
    )
    asked = _asked(own, policies, rcps, grants, owner)
    return Small(kind, asked, scps, rcps, encrypted, point)


def _asked(
    own: Question,
    policies: Sequence[dict[str, Any] | None],
    rcps: Sequence[dict[str, Any]],
    grants: list[dict[str, Any]],
    owner: str,
) -> tuple[Case, Case, Case, Case]:
    """The four questions: only the bucket and its objects may be another account's."""
    found = []
    for (target, action), policy in zip(ASKED, policies, strict=True):
        account = owner if target is BUCKET else HOME
        question = replace(
            own,
            action=action,
            resource=target.resource,
            resource_account=account,
            resource_policy=policy,
            rcps=[list(rcps)] if account == owner else None,
            grants=grants if target is DATA_KEY else [],
        )
        found.append(
            Case(
                question,
                tags={},
                organization=ORGANIZATION,
                paths=(f"{ORGANIZATION}/r-1/",),
                resource_tags={},
                resource_organization=ORGANIZATION,
                via_service="s3" if target is DATA_KEY else None,
            )
        )
    return (found[0], found[1], found[2], found[3])


def _joined(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements of all in one policy, of the last one's version, as a boundary is one."""
    rows = [row for one in documents for row in listed(one["Statement"])]
    return [{**documents[-1], "Statement": rows}]


# --- the same as facts ---------------------------------------------------------------------------------------------


def land_of(small: Small) -> Land:
    """The estate as facts."""
    bucket, door, key, role = (case.question for case in small.asked)
    land = Land(HOME, AWAY)
    land.organization(HOME, AWAY)
    for word, scope, given in (
        (Role.SCP, "aws:ou/r-1", small.scps),
        (Role.RCP, f"aws:account/{bucket.resource_account}", small.rcps),
    ):
        for number, content in enumerate(given):
            arn = land.control(f"p-{word}-{number}", scope, role=word)
            _version(land, arn, content)
    _identity(land, bucket)
    held = land.bucket(
        "b",
        account=bucket.resource_account,
        encrypted_by=_key(land, key) if small.encrypted else None,
    )
    _own(land, held, bucket)
    if small.point:
        more = {"bucket_account": bucket.resource_account}
        _own(land, land.access_point("door", "b", account=HOME, **more), door)
    _own(land, land.role("reader", path="data/"), role)
    return land


def _identity(land: Land, question: Question) -> None:
    """The caller, its groups and its boundary, each policy by itself."""
    caller = land.user("ana") if question.kind == "user" else land.role("worker", path="team/")
    details = land.key(HOME, DETAILS)
    for number, content in enumerate(question.identity):
        land.attachment(caller, Role.IDENTITY, content, key=details, name=f"own-{number}")
    for number, content in enumerate(question.groups):
        group = land.group(f"g{number}")
        land.attachment(group, Role.IDENTITY, content, key=details, name="own")
        land.member(caller, group)
    for content in question.boundary or ():
        limit = land.managed("limit")
        _version(land, limit, content)
        land.boundary(caller, limit)


def _key(land: Land, question: Question) -> NodeId:
    """The key of the bucket with its grants."""
    made = land.kms_key("k1", account=HOME)
    _own(land, made, question)
    for number, grant in enumerate(question.grants):
        asked = grant.get("Constraints", {})
        grantee, operations = grant["GranteePrincipal"], grant["Operations"]
        land.key_grant(made, grantee, *operations, name=f"g-{number}", **asked)
    return made


def _version(land: Land, arn: str, content: dict[str, Any]) -> None:
    """The content of a managed or control policy, in the place of what it was made with."""
    (row,) = (one for one in land.attachments.values() if one.holder == arn)
    _put(land, row, content)


def _own(land: Land, holder: NodeId, question: Question) -> None:
    """The policy of a resource, or a role's trust, in the place of what it was made with."""
    places = (Role.RESOURCE, Role.TRUST)
    made = [one for one in land.attachments.values() if one.holder == holder and one.role in places]
    for row in made:
        del land.attachments[row.id]
    if question.resource_policy:
        role = Role.TRUST if ":role/" in holder else Role.RESOURCE
        (key,) = land.nodes[holder].asserted_by
        land.attachment(holder, role, question.resource_policy, key=key)


def _put(land: Land, row: Attachment, content: dict[str, Any]) -> None:
    made = Document.of(content)
    land.documents[made.hash] = made
    land.attachments[row.id] = replace(row, document=made.hash)


# --- what is told --------------------------------------------------------------------------------------------------

READ, CONTROL = Capability.READ, Capability.CONTROL
WAYS = {"direct": (READ, GET), "point": (READ, TECHNIQUE), "trust": (CONTROL, "trust")}


def told(small: Small) -> dict[str, Certainty | None]:
    """By each way, how surely the caller reaches bucket or role; without the ways that everyone has in some case.

    What a stranger may do the caller may do as a stranger, whatever its own policies deny: that is not its own access.
    """
    answer = Resolved(land_of(small).facts(), instant=NOW)
    own = dict(_held(answer, small.caller))
    everyones = {way for who in (INTERNET, ANY_ACCOUNT) for way, _ in _held(answer, who)}
    return {way: own.get(way) for way in WAYS if way not in everyones}


def _held(answer: Resolved, holder: NodeId) -> Iterator[tuple[str, Certainty]]:
    """The ways of this holder, the surest last."""
    held = [
        (way, on.certainty)
        for grant, on, target in (answer.held(holder) if holder in answer.nodes else ())
        for way, wanted in WAYS.items()
        if target in REACHED
        and (Capability(str(grant.props["capability"])), str(grant.props["how"])) == wanted
    ]
    yield from sorted(held, key=lambda row: row[1], reverse=True)


def worlds_of(small: Small) -> Worlds:
    """The worlds that all four questions are asked in."""
    first, *others = small.asked
    return Worlds(first, Mode.DISCOVERY, *(case.question for case in others))


def truth(small: Small, way: str, world: Context, session: str) -> str:
    """What the plain rules say of one way in one world; data under a key needs the key as well."""
    bucket, door, key, role = (in_world(case, world, session) for case in small.asked)
    if way == "trust":
        return evaluate(role)
    if way == "direct":
        found = evaluate(bucket)
    else:
        carried = {"s3:dataaccesspointarn": [f"{POINT}/door"], "s3:dataaccesspointaccount": [HOME]}
        doors = (replace(one, context=one.context | carried) for one in (door, bucket))
        found = through_access_point(*doors) if small.point else IMPLICIT
    return evaluate(key) if found == ALLOW and small.encrypted else found

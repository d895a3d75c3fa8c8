"""Generated estates whose Grants have reasons: shared and single, relative and concrete, with alternatives.

The needs of a Grant are templates. A template made concrete for one identity and one target gives what an explainer
would say; left relative it gives the BECAUSE rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

from access.decision import Alternative, Need, Relative, Revocable, RevocableKind
from graph.model import Capability, Certainty, Edge, Node, NodeId

Option = tuple[Certainty, tuple[Revocable, ...]]
Template = tuple[tuple[Option, ...], ...]  # needs of alternatives


@dataclass(frozen=True)
class Reasoned:
    """Rows, what each Grant needs, and everything that could be taken away."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    templates: dict[NodeId, Template]
    all_gone: tuple[Revocable, ...]
    made_from: str = ""

    def __repr__(self) -> str:
        return f"make({self.made_from})"

    @property
    def grants(self) -> dict[NodeId, Node]:
        return {node.id: node for node in self.nodes if node.kind == "Grant"}

    def routes(self, identity: NodeId, group: NodeId) -> list[tuple[Revocable, ...]]:
        """Each way of memberships from the identity to the group."""
        found, open_ends = [], [(identity, ())]
        while open_ends:
            at, way = open_ends.pop()
            for edge in self.edges:
                if edge.kind == "MEMBER_OF" and edge.source == at:
                    step = membership(edge.source, edge.target)
                    if edge.target == group:
                        found.append((*way, step))
                    elif all(one.member != edge.target for one in way):
                        open_ends.append((edge.target, (*way, step)))
        return sorted(found)

    def needs(self, grant: Node, identity: NodeId, target: NodeId) -> tuple[Need, ...]:
        """What the Grant needs for this identity and target, every Revocable concrete."""
        return tuple(
            Need(
                f"need {number}",
                tuple(
                    Alternative(way, certainty=certainty)
                    for certainty, template in alternatives
                    for way in self._concrete(template, identity, target)
                ),
            )
            for number, alternatives in enumerate(self.templates[grant.id])
        )

    def _concrete(
        self, template: tuple[Revocable, ...], identity: NodeId, target: NodeId
    ) -> list[tuple[Revocable, ...]]:
        ways: list[tuple[Revocable, ...]] = [()]
        for one in template:
            options: list[tuple[Revocable, ...]]
            match one.relative:
                case None:
                    options = [(one,)]
                case Relative.MEMBER:
                    options = self.routes(identity, NodeId(one.member))
                case Relative.ATTACHED | Relative.OWN:
                    options = [(replace(one, relative=None, holder=str(identity)),)]
                case _:
                    options = [(replace(one, relative=None, holder=str(target)),)]
            ways = [(*way, *more) for way in ways for more in options]
        return ways


def membership(member: NodeId, group: NodeId) -> Revocable:
    return Revocable(RevocableKind.MEMBERSHIP, holder=str(member), member=str(group))


ATTACHED = [
    Revocable(RevocableKind.ATTACHMENT, member=f"policy {n}", relative=Relative.ATTACHED)
    for n in range(2)
]
OWN = [
    Revocable(RevocableKind.STATEMENT, document=f"inline {n}", statement="s", relative=Relative.OWN)
    for n in range(2)
]
ENTRY = [
    Revocable(RevocableKind.STATEMENT, member=f"entry {n}", relative=Relative.RESOURCE)
    for n in range(2)
]
PLAIN = [
    Revocable(RevocableKind.STATEMENT, holder="managed", document="managed", statement=f"s{n}")
    for n in range(3)
]


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - seeded on purpose
        self.nodes: dict[NodeId, Node] = {}
        self.edges: dict[str, Edge] = {}
        self.templates: dict[NodeId, Template] = {}

    def node(self, id_: str, of_kind: str, /, **props: object) -> NodeId:
        self.nodes[NodeId(id_)] = Node(NodeId(id_), of_kind, props)  # type: ignore[arg-type]  # plain values
        return NodeId(id_)

    def edge(self, kind: str, source: NodeId, target: NodeId, **more: object) -> None:
        made = Edge(kind, source, target, cost=self.random.randrange(3), **more)  # type: ignore[arg-type]  # fields
        self.edges[made.id] = made

    def some(self, nodes: list[NodeId], most: int) -> list[NodeId]:
        return self.random.sample(nodes, min(len(nodes), self.random.randint(1, most)))

    def template(self, pool: list[Revocable]) -> Template:
        pick = self.random

        def option(size: int) -> Option:
            if (
                not size
            ):  # a way that nothing can take away stands on conditions, else there were no need
                return Certainty.CONDITIONAL, ()
            sure = pick.choice([*Certainty, Certainty.DEFINITE])
            return sure, tuple(sorted(set(pick.choices(pool, k=size))))

        return tuple(
            tuple(
                option(size)
                for size in ([0] if pick.randrange(8) == 0 else [])
                + pick.choices([1, 2], k=pick.randint(1, 2))
            )
            for _ in range(pick.randint(0, 2))
        )

    def because(self, grant: NodeId) -> None:
        for number, alternatives in enumerate(self.templates[grant]):
            for option, (sure, way) in enumerate(alternatives):
                for one in way:
                    text = one.relative.value if one.relative else ""
                    self.node(
                        one.id,
                        "Revocable",
                        kind=one.kind.value,
                        relative=text,
                        holder=one.holder,
                        document=one.document,
                        statement=one.statement,
                        member=one.member,
                    )
                    props = {"need": number, "alternative": option}
                    name = f"{number}:{option}"
                    self.edge(
                        "BECAUSE", grant, one.id, discriminator=name, props=props, certainty=sure
                    )

    def grant(
        self,
        number: int,
        holder: NodeId,
        targets: list[NodeId],
        pool: list[Revocable],
        **props: object,
    ) -> NodeId:
        grant = self.node(f"grant {number}", "Grant", **props)
        self.edge("HOLDS", holder, grant)
        self.templates[grant] = self.template(pool)
        best = (min(sure for sure, _ in need) for need in self.templates[grant])
        certainty = max([*best, self.random.choice([Certainty.DEFINITE, *Certainty])])
        if len(targets) == 1:
            self.edge("ON", grant, targets[0], certainty=certainty)
        else:
            of = self.node(f"set {number}", "AssetSet", latent=not targets)
            self.edge("ON", grant, of, certainty=certainty)
            for target in targets:
                self.edge("COVERS", of, target)
        self.because(grant)
        return grant


def make(seed: int, grants: int) -> Reasoned:
    """An estate of this seed with so many Grants."""
    maker, pick = _Maker(seed), Random(seed + 1)  # noqa: S311 - seeded on purpose
    users = [maker.node(f"user {n}", "User") for n in range(pick.randint(2, 4))]
    roles = [maker.node(f"role {n}", "Role") for n in range(2)]
    groups = [maker.node(f"group {n}", "Group") for n in range(3)]
    data = [maker.node(f"data {n}", "Dataset") for n in range(4)]
    book = maker.node("notebook", "Notebook")
    maker.edge("RUNS_AS", book, roles[0])
    for user in users:
        for group in maker.some(groups, 2):
            maker.edge("MEMBER_OF", user, group)
    for _ in range(2):
        maker.edge("MEMBER_OF", *pick.sample(groups, 2))
    people = [*users, *roles]
    pick.shuffle(people)
    classes = {
        maker.node("class 0", "PrincipalClass"): people[:2],
        maker.node("class 1", "PrincipalClass"): people[2:],
    }
    for of, members in classes.items():
        for member in members:
            maker.edge("IN_CLASS", member, of)
    virtual = [maker.node(f"virtual {n}", "PrincipalClass", virtual="joined") for n in range(2)]
    draft = Reasoned(tuple(maker.nodes.values()), tuple(maker.edges.values()), {}, ())
    inside = {
        of: [g for g in groups if all(draft.routes(member, g) for member in members)]
        for of, members in classes.items()
    }
    owner = dict(zip(virtual, classes, strict=True))  # a widened class belongs to one class
    for number in range(grants):
        holder = pick.choice([*classes, *classes, *virtual, *groups, *people])
        of = owner.get(holder, holder)
        pool = [*PLAIN, *ENTRY]
        if of in classes:
            member = [
                Revocable(RevocableKind.MEMBERSHIP, member=str(g), relative=Relative.MEMBER)
                for g in inside[of]
            ]
            pool += [*ATTACHED, *OWN, *member]
        elif holder in people:
            pool += [replace(one, relative=None, holder=str(holder)) for one in (*ATTACHED, *OWN)]
        widened = [v for v in virtual if owner[v] == holder]
        if widened and pick.randrange(2):
            targets, capability = widened, Capability.HELD
        elif pick.randrange(4) == 0:
            targets, capability = maker.some([*roles, book], 2), Capability.CONTROL
        elif pick.randrange(6) == 0:
            targets, capability = [], Capability.HELD
        else:
            targets, capability = (
                maker.some(data, 3),
                pick.choice([Capability.READ, Capability.WRITE]),
            )
        maker.grant(number, holder, targets, pool, capability=capability, how="s3:GetObject")
    made = Reasoned(
        tuple(maker.nodes.values()),
        tuple(
            sorted(
                maker.edges.values(), key=lambda e: (e.source, e.target, e.kind, e.discriminator)
            )
        ),
        maker.templates,
        (),
    )
    things = {
        one
        for grant in made.grants.values()
        for identity in people
        for target in [*data, *roles, book, *virtual]
        for need in made.needs(grant, identity, target)
        for alternative in need.alternatives
        for one in alternative.revocables
    }
    memberships = {membership(e.source, e.target) for e in made.edges if e.kind == "MEMBER_OF"}
    return replace(
        made, all_gone=tuple(sorted(things | memberships)), made_from=f"{seed}, {grants}"
    )


@st.composite
def losses(draw: st.DrawFn) -> tuple[Reasoned, tuple[Revocable, ...]]:
    """An estate and some Revocables to take away."""
    estate = make(draw(st.integers(0, 2**32)), draw(st.integers(3, 14)))
    places = st.integers(0, len(estate.all_gone) - 1)
    gone = draw(st.lists(places, min_size=1, max_size=4, unique=True))
    return estate, tuple(estate.all_gone[at] for at in gone)

"""Direct access as resolved against asking the evaluator for each identity, action and asset by itself."""

from __future__ import annotations

from collections import defaultdict

from builders import NOW, Land
from estate_strategies import lands
from hypothesis import HealthCheck, Phase, given, settings
from oracle.resolve import POINT, Effect, Naive, with_public
from resolved import Resolved

from access.technique import catalogue
from graph.model import Capability, Certainty, NodeId

ACTIONS = {row.action for row in catalogue("aws").capabilities} | {"trust", POINT}
PUBLIC = (NodeId("public:internet"), NodeId("public:aws"))


def as_resolved(answer: Resolved, who: list[NodeId]) -> dict[NodeId, dict[Effect, Certainty]]:
    """What each holds by one action or by being trusted, by the rows."""
    found: dict[NodeId, dict[Effect, Certainty]] = defaultdict(dict)
    for identity in who:
        for grant, on, target in answer.held(identity):
            how = str(grant.props["how"])
            if target == identity:
                continue  # a class of roles may hold all its members: whoever is one gains nothing
            if how in ACTIONS and not answer.nodes[target].props.get("latent"):
                effect = (Capability(str(grant.props["capability"])), how, target)
                sure = min(on.certainty, found[identity].get(effect, on.certainty))
                found[identity][effect] = sure
    return found


def differences(land: Land, *, lifted: bool = True) -> list[str]:
    facts = land.facts()
    naive = Naive(facts, NOW).held()
    identities = [node.id for node in facts.nodes if node.kind in {"User", "Role"}]
    rows = as_resolved(Resolved(facts, lifted=lifted), [*identities, *PUBLIC])
    wanted = with_public({name: naive.get(name, {}) for name in (*identities, *PUBLIC)})
    told = with_public({name: rows.get(name, {}) for name in (*identities, *PUBLIC)})
    return [
        f"{name}: {effect}: asked {wanted[name].get(effect)!r}, resolved {told[name].get(effect)!r}"
        for name in sorted(wanted)
        for effect in sorted({*wanted[name], *told[name]})
        if wanted[name].get(effect) != told[name].get(effect)
    ]


@settings(
    deadline=None,
    max_examples=150,
    phases=[
        phase for phase in Phase if phase is not Phase.explain
    ],  # tracing takes most of the time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(lands())
def test_every_identity_holds_what_the_evaluator_says_of_it_alone(land: Land) -> None:
    found = differences(land)
    assert not found, "\n".join(found)

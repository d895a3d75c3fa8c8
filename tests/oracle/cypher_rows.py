"""What each saved query must answer, worked out from rows and arrays of the engine without Cypher: slow and obvious."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from oracle.cypher_estate import PASSED, Estate, Row, State

LINEAGE = {"TRAINED_ON", "DERIVED_FROM", "STORED_IN", "VERSION_OF", "VIEW_OF", "GROUNDED_ON", "SERVES"}  # fmt: skip

Answer = Callable[[Estate, Mapping[str, Any]], Iterable[Row]]


def blast_radius(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, list[str]] = defaultdict(list)
    for node, capability in e.reached(e.entry(p["id"]), 8):
        if e.asset(node) and node != p["id"]:
            found[node].append(capability)
    return {(e.kind(one), e.name(one), tuple(sorted(held)), one) for one, held in found.items()}


def who_reaches(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    goals = {one for one in e.states if one[0] == p["id"] and one[1] not in PASSED}
    return e.told(e.reaching(goals, 8) - {p["id"]})


def shortest_takeover(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    found = e.within(e.entry(p["from"]), 20)
    goals = [one for one in found if one[0] == p["to"] and one[1] in {"CONTROL", "ADMIN"}]
    return {(one[1], found[one]) for one in goals if one not in e.entry(p["from"])}


def takeover_steps(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    goal = (p["to"], "CONTROL")
    level: dict[State, set[tuple[str, ...]]] = {
        one: {()} for one in e.entry(p["from"]) if one != goal
    }
    seen: set[State] = set(level)
    for _ in range(12):
        after: dict[State, set[tuple[str, ...]]] = defaultdict(set)
        for state, ways in level.items():
            for target, kind, *_ in e.moves.get(state, ()):
                if target not in seen:
                    after[target] |= {(*way, kind) for way in ways}
        if goal in after:
            return {(way,) for way in after[goal]}
        seen |= after.keys()
        level = after
    return set()


def _with(capability: str) -> Answer:
    def answer(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
        return e.told(e.reaching({(p["id"], capability)}, 8))

    return answer


def certain_reach(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    found = {node for node, _ in e.reached(e.entry(p["id"]), 8, sure=True)}
    return e.told(one for one in found if e.asset(one) and one != p["id"])


def public_reach(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    starts = [one for one in e.entries() if e.kind(one[0]) == "Public"]
    return e.told({node for node, _ in e.reached(starts, 8) if e.asset(node)})


def _first(rows: list[Row], most: int, *order: Callable[[Row], Any]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(one(row) for one in order))[:most]


def _ranked(measure: str, *columns: str) -> Answer:
    """Nodes with more than none of the measure, the most first, then by id."""

    def answer(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
        held = [one for one in e.nodes if (e.said(one, measure) or 0) > 0]

        def told(node: str, column: str) -> Any:
            return e.said(node, column[1:]) if column.startswith("*") else e.prop(node, column)

        held.sort(key=lambda one: (-e.said(one, measure), one))
        return [
            (e.kind(one), e.name(one), *(told(one, c) for c in columns), one)
            for one in held[: p["most"]]
        ]

    return answer


def widest_reach(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    held = [one for one in e.nodes if (e.said(one, "reach_assets") or 0) > 0]
    held.sort(
        key=lambda one: (-e.said(one, "reach_assets"), -e.said(one, "reach_sensitivity"), one)
    )
    return [
        (
            e.kind(n),
            e.name(n),
            e.prop(n, "account"),
            e.said(n, "reach_assets"),
            e.said(n, "reach_sensitivity"),
            n,
        )
        for n in held[: p["most"]]
    ]


def sensitive_and_exposed(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (
            e.kind(n),
            e.name(n),
            e.said(n, "worth"),
            e.said(n, "exposed_to"),
            e.said(n, "exposed_public"),
            n,
        )
        for n in e.nodes
        if (-1 if e.said(n, "worth") is None else e.said(n, "worth")) >= p["sensitivity"]
        and (e.said(n, "exposed_to") or 0) > p["identities"]
    }


def external_reach(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.kind(n), e.name(n), e.said(n, "exposed_external"), e.said(n, "exposed_public"), n)
        for n in e.nodes
        if e.said(n, "exposed_external") or e.said(n, "exposed_public")
    }


def administrators(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return e.told((n for n in e.nodes if e.said(n, "administrator")), "account")


def grants_of(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    through = e.through(p["id"])
    return [
        (e.name(h), *(e.prop(g, one) for one in ("how", "capability", "certainty")), e.name(t), t)
        for h, g, t in e.on
        if h in through
    ]


def grants_on(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    sets = {p["id"]} | {edge.source for edge in e.of("COVERS") if edge.target == p["id"]}
    return {
        (e.kind(h), e.name(h), e.prop(g, "how"), e.prop(g, "capability"), g)
        for h, g, t in e.on
        if t in sets
    }


def grants_on_sets(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    members: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("COVERS"):
        members[edge.source].add(edge.target)
    counted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for h, g, t in e.on:
        if members[t]:
            counted[h, g] |= members[t]
    rows = [
        (e.name(h), e.prop(g, "how"), e.prop(g, "capability"), len(m), g)
        for (h, g), m in counted.items()
    ]
    return _first(rows, p["most"], lambda row: -row[3], lambda row: row[4], lambda row: row[0])


def latent_grants(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    covering = {edge.source for edge in e.of("COVERS")}
    return {
        (e.name(h), e.prop(g, "how"), e.prop(g, "capability"), e.name(t), g)
        for h, g, t in e.on
        if e.kind(t) == "AssetSet" and t not in covering
    }


def conditional_grants(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (
            e.name(x.source),
            e.prop(x.target, "how"),
            e.prop(x.target, "capability"),
            e.prop(x.target, "conditions"),
            x.target,
        )
        for x in e.of("HOLDS")
        if e.prop(x.target, "certainty") == "conditional"
    }


def self_widening(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.kind(x.source), e.name(x.source), e.prop(x.target, "how"), x.source)
        for x in e.of("HOLDS")
        if e.prop(x.target, "self_widening") is True
    }


def techniques(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for edge in e.of("HOLDS"):
        how = e.prop(edge.target, "how")
        if how is not None and ":" not in how:
            found[how][0].add(edge.target)
            found[how][1].add(edge.source)
    return {(how, len(grants), len(holders)) for how, (grants, holders) in found.items()}


def revocables_that_carry_most(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("BECAUSE"):
        found[edge.target].add(edge.source)
    rows = [
        (e.prop(r, "kind"), e.prop(r, "holder"), e.prop(r, "statement"), len(g), r)
        for r, g in found.items()
    ]
    return _first(rows, p["most"], lambda row: -row[3], lambda row: row[4])


def why_granted(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    through = e.through(p["id"])
    sets = {p["asset"]} | {edge.source for edge in e.of("COVERS") if edge.target == p["asset"]}
    grants = {g for h, g, t in e.on if h in through and t in sets}
    return {
        (
            e.prop(x.source, "how"),
            *(e.prop(x.target, one) for one in ("kind", "holder", "document", "statement")),
        )
        for x in e.of("BECAUSE")
        if x.source in grants
    }


def trust_across_accounts(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.kind(h), e.name(h), e.name(t), t)
        for h, g, t in e.on
        if e.prop(g, "how") == "trust"
        and e.kind(t) == "Role"
        and (e.prop(h, "account") or "") != e.prop(t, "account")
    ]


def external_principals(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("HOLDS"):
        if e.kind(edge.source) == "External":
            found[edge.source].add(edge.target)
    return {(e.name(n), e.prop(n, "breadth"), len(g), n) for n, g in found.items()}


def identity_providers(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.name(x.source), e.kind(x.target), e.name(x.target), x.target)
        for x in e.of("VOUCHES_FOR")
    ]


def accounts_of_people(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("HAS_ACCOUNT"):
        found[edge.source].add(edge.target)
    return {(e.name(n), len(a), n) for n, a in found.items() if len(a) > 1}


def members_of(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return e.told(e.walk(p["id"], {"MEMBER_OF"}, 6, back=True))


def shared_execution_roles(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("RUNS_AS"):
        if e.asset(edge.source):
            found[edge.target].add(edge.source)
    return {
        (e.name(n), len(w), tuple(sorted({e.kind(one) for one in w})), n)
        for n, w in found.items()
        if len(w) > 1
    }


def administrator_workloads(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.kind(x.source), e.name(x.source), e.name(x.target), x.source)
        for x in e.of("RUNS_AS")
        if e.asset(x.source) and e.said(x.target, "administrator")
    ]


def notebooks_with_production_data(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    for node in e.nodes:
        if (
            e.kind(node) != "Notebook"
            or not e.asset(node)
            or e.prop(node, "environment") == p["environment"]
        ):
            continue
        found = e.within([(node, "CONTROL")], 6)
        data = {
            one
            for one, capability in found
            if capability == "READ"
            and e.kind(one) == "Dataset"
            and e.prop(one, "environment") == p["environment"]
        }
        if data:
            yield e.name(node), len(data), node


def unapproved_versions_served(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.name(x.source), e.name(x.target), e.prop(x.target, "approval"), x.source, x.target)
        for x in e.of("SERVES")
        if e.kind(x.target) == "ModelVersion" and not e.prop(x.target, "approved")
    ]


def unregistered_versions_served(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    registered = {edge.source for edge in e.of("VERSION_OF")}
    return [
        (e.name(x.source), e.name(x.target), x.source, x.target)
        for x in e.of("SERVES")
        if e.kind(x.target) == "ModelVersion" and x.target not in registered
    ]


def knowledge_of_agents(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.name(n), e.kind(one), e.name(one), one)
        for n in e.nodes
        if e.kind(n) in {"Agent", "Endpoint"}
        for one in e.walk(n, {"GROUNDED_ON"}, 3)
    }


def tools_of_agents(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.name(n), e.kind(one), e.name(one), one)
        for n in e.nodes
        if e.kind(n) == "Agent"
        for one in e.walk(n, {"CALLS"}, 4)
    }


def lineage_of(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return e.told(e.walk(p["id"], LINEAGE, 6) - {p["id"]})


def made_from(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return e.told(e.walk(p["id"], LINEAGE, 6, back=True) - {p["id"]})


def copies_across_accounts(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.kind(x.source), e.name(x.source), e.name(x.target), x.source, x.target)
        for x in e.of("DERIVED_FROM")
        if None not in (e.prop(x.source, "account"), e.prop(x.target, "account"))
        and e.prop(x.source, "account") != e.prop(x.target, "account")
    ]


def key_opens(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return e.told(edge.source for edge in e.of("ENCRYPTED_BY") if edge.target == p["id"])


def code_in_writable_places(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    running: dict[str, set[str]] = defaultdict(set)
    for edge in e.of("EXECUTES"):
        if e.asset(edge.source) and e.kind(edge.target) == "Code":
            running[edge.target].add(edge.source)
    return {
        (
            e.name(x.source),
            e.name(x.target),
            e.said(x.target, "exposed_to"),
            len(running[x.source]),
            x.source,
        )
        for x in e.of("STORED_IN")
        if running[x.source]
        and e.kind(x.target) == "Dataset"
        and (e.said(x.target, "exposed_to") or 0) > p["identities"]
    }


def ownerless(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    owned = {edge.source for edge in e.of("OWNED_BY", "CREATED_BY")}
    return e.told(
        (n for n in e.nodes if e.asset(n) and n not in owned and e.prop(n, "owner") is None),
        "account",
    )


def orphans(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.kind(x.source), e.name(x.source), e.name(x.target), x.source)
        for x in e.of("OWNED_BY", "CREATED_BY")
        if e.asset(x.source)
        and (not e.nodes[x.target].present or e.prop(x.target, "enabled") is False)
    }


def unmanaged(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    managed = {edge.source for edge in e.of("MANAGED_BY")}
    found: dict[str, int] = defaultdict(int)
    for node in e.nodes:
        if e.asset(node) and node not in managed:
            found[e.kind(node)] += 1
    return set(found.items())


def listed_but_gone(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return [
        (e.kind(x.source), e.name(x.source), e.name(x.target), x.source)
        for x in e.of("MANAGED_BY")
        if not e.nodes[x.source].present
    ]


def findings_of_rule(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (e.kind(row.asset), e.name(row.asset), row.status.value, row.id)
        for row in e.findings
        if row.rule == p["rule"] and row.status.value != "gone" and row.asset in e.nodes
    }


def new_since(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    left = {"Grant", "AssetSet", "Revocable", "PrincipalClass"}
    return {
        (e.kind(n), e.name(n), run, n)
        for n, run in e.first_runs.items()
        if run > p["run"] and e.kind(n) not in left
    }


def changed_in_run(e: Estate, p: Mapping[str, Any]) -> Iterable[Row]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for change in e.changes:
        if change.run == p["run"]:
            found[change.family, change.op] += 1
    return {(*key, number) for key, number in found.items()}


def not_read(e: Estate, _: Mapping[str, Any]) -> Iterable[Row]:
    return {
        (
            r.key.platform,
            r.key.scope,
            r.key.region,
            r.key.call,
            r.outcome.value,
            r.missing_permission,
        )
        for r in e.coverage
        if r.outcome.value != "ok"
    }


ANSWERS: dict[str, Answer] = {
    name.replace("_", "-"): value
    for name, value in globals().copy().items()
    if callable(value) and getattr(value, "__module__", "") == __name__ and name[0].islower()
}
ANSWERS |= {
    "who-can-promote": _with("PROMOTE"),
    "who-invokes-endpoint": _with("INVOKE"),
    "most-exposed": _ranked("exposed_to", "account", "*exposed_to", "*worth"),
    "unused-privilege": _ranked(
        "unused", "*granted", "*unused", "*not_observed", "*privilege_index"
    ),
    "unobserved-privilege": _ranked("not_observed", "*granted", "*not_observed"),
    "open-findings": _ranked("open_findings", "*open_findings", "*exposed_to"),
}

"""One effect that a holder has, before it becomes rows: what every platform's evaluator hands to `resolve`."""

from __future__ import annotations

from dataclasses import dataclass, field

from access.decision import Condition, Need, surest
from graph.model import Capability, Certainty, CoverageKey, Node, NodeId


@dataclass(frozen=True, slots=True)
class Held:
    """A capability of a holder on targets of one kind and scope, with what must stand for it.

    `targets` are node ids; several become an AssetSet named by `selector`. No targets is latent reach: `latent_of`
    then says which kinds and capabilities it would give. `members` are the identities for which the Revocables of
    the principal's side are relative (empty where they are concrete).
    """

    holder: NodeId
    capability: Capability
    how: str
    targets: tuple[NodeId, ...]
    of_kind: str
    scope: str
    selector: str
    because: tuple[Need, ...]
    demonstrated: bool = True
    cost: int = 1
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    inputs: frozenset[CoverageKey] = frozenset()
    latent_of: tuple[str, ...] = ()
    self_widening: bool = False

    @property
    def certainty(self) -> Certainty:
        """The certainty of its best whole combination; a technique nobody demonstrated is `possible` at best."""
        worst = surest(self.because, frozenset())[0]
        return worst if self.demonstrated else Certainty.POSSIBLE

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What its best whole combination depends on."""
        return tuple(sorted(surest(self.because, frozenset())[1], key=str))


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of identities, or what a technique makes of one, as `resolve` writes it."""

    id: NodeId
    name: str
    account: str
    members: tuple[NodeId, ...]
    virtual: str = ""
    of: NodeId | None = None
    residual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Everything that a platform's evaluator concludes."""

    held: tuple[Held, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    nodes: tuple[Node, ...] = ()  # potential workloads, public and external principals
    runs_as: tuple[tuple[NodeId, NodeId], ...] = ()  # potential workload, role
    yields: tuple[YieldStep, ...] = ()


@dataclass(frozen=True, slots=True)
class YieldStep:
    """One YIELDS edge: a step on a node that does not depend on who takes it."""

    node: NodeId
    have: Capability
    gain: Capability
    technique: str
    certainty: Certainty
    cost: int
    conditions: tuple[str, ...] = ()
    inputs: frozenset[CoverageKey] = field(default_factory=frozenset)

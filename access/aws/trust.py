"""What trust policies say of services, and a trust policy as an attacker would rewrite it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from access.aws.ask import Questions
from access.aws.decide import decide
from access.aws.document import parse
from access.aws.policies import Origin, Policies, Sourced
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Request
from access.aws.subjects import Subject
from access.aws.targets import Target, Targets
from access.decision import Alternative, Decision, Layer, Need
from access.estate import Estate

ASSUME = "sts:AssumeRole"
WITH_IDENTITY = "sts:AssumeRoleWithWebIdentity"
# Trusted as a federation, not as a service: SOURCE: IAM guide, principals of identity pools.
_FEDERATED = frozenset({"cognito-identity.amazonaws.com"})
_OPEN = parse(
    '{"Version":"2012-10-17","Statement":{"Sid":"Rewritten","Effect":"Allow","Principal":{"AWS":"*"},'
    '"Action":"sts:AssumeRole"}}'
)


class Trusts:
    """Answers about trust policies, each computed once."""

    def __init__(self, estate: Estate, questions: Questions) -> None:
        self._estate = estate
        self._questions = questions
        self._services: dict[str, NDArray[np.bool_]] = {}

    def names_service(self, roles: Targets, service: str) -> NDArray[np.bool_]:
        """Per role whether its trust lets the service assume it.

        Conditions on the source account or ARN are the guard against a confused deputy, not an open question.
        """
        if service not in self._services:
            found = [self._trusted(target, service) for target in roles.rows]
            self._services[service] = np.array(found, dtype=np.bool_)
        return self._services[service]

    def _trusted(self, target: Target, service: str) -> bool:
        if not isinstance(target.resource, Sourced):
            return False
        federated = service in _FEDERATED
        request = Request(
            principal=Principal(
                PrincipalKind.FEDERATED if federated else PrincipalKind.SERVICE, service
            ),
            action=WITH_IDENTITY if federated else ASSUME,
            resource=target.question,
            now=self._estate.instant,
            resource_account=target.account,
            form=Form.CONCRETE,
        )
        return decide(request, Policies(resource=target.resource)).effect.granted

    def rewritten(self, subject: Subject, action: str, roles: Targets, place: int) -> Decision:
        """The action once the trust policy is the attacker's own: only Denies and control policies stop it."""
        target = roles.rows[place]
        request = self._questions.request(subject, action, target, Form.CONCRETE)
        policies = self._questions.policies(subject, self.opened(target), action, target.account)
        answer = decide(request, policies)
        # The entry that allows it is the attacker's own: nothing that stands today can be taken away.
        needs = tuple(
            Need(
                need.name,
                tuple(Alternative((), a.conditions, a.certainty) for a in need.alternatives),
            )
            for need in answer.because
        )
        return Decision(
            answer.effect,
            conditions=answer.conditions,
            because=tuple(need.minimal() for need in needs),
            assumptions=answer.assumptions,
            limits=answer.limits,
        )

    @staticmethod
    def opened(target: Target) -> Target:
        """The role with a trust policy that names everyone."""
        origin = Origin(Layer.RESOURCE, str(target.node.id), ((),), None)
        return replace(target, resource=Sourced(_OPEN, origin))

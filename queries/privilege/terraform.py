"""Right-sized policies as Terraform that needs no import: new resources, beside which what stands is then taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from graph.errors import QueryError
from graph.model import Node
from queries.privilege.smaller import Proposed

_FORMS = {"User": "user", "Role": "role"}


def terraform(identity: Node, made: Sequence[Proposed]) -> str:
    """The proposals for the identity as Terraform."""
    return "\n".join(_blocks(identity, made))


def fresh_name(one: Proposed, number: int) -> str:
    """The name of one of the policies that take the place of this one."""
    return f"{one.name}-right-sized-{number}"[-128:]


def _blocks(identity: Node, made: Sequence[Proposed]) -> Iterator[str]:
    form = _FORMS.get(identity.kind)
    if form is None:
        raise QueryError(f"a {identity.kind} has no policy of this form")
    for at, one in enumerate(made, start=1):
        if not one.after:
            yield f"# {_line(one.name)}: nothing of it is needed; take it away from {_line(identity.name)}\n"
        for number, text in enumerate(one.after, start=1):
            label = _label(f"{identity.name}_{at}_{one.name}_{number}")
            block = _attached if one.attached else _inline
            yield block(form, label, identity, _body(fresh_name(one, number), text))


def _body(name: str, text: str) -> str:
    """The arguments that every form of policy has."""
    lines = "\n".join(f"    {_plain(line)}" for line in text.splitlines())
    return f"  name   = {_quoted(name)}\n  policy = <<-POLICY\n{lines}\n    POLICY\n"


def _inline(form: str, label: str, identity: Node, body: str) -> str:
    return f'resource "aws_iam_{form}_policy" "{label}" {{\n  {form}   = {_quoted(identity.name)}\n{body}}}\n'


def _attached(form: str, label: str, identity: Node, body: str) -> str:
    policy = f'resource "aws_iam_policy" "{label}" {{\n{body}}}\n'
    holder = (
        f"  {form}       = {_quoted(identity.name)}\n  policy_arn = aws_iam_policy.{label}.arn\n"
    )
    return f'{policy}\nresource "aws_iam_{form}_policy_attachment" "{label}" {{\n{holder}}}\n'


def _quoted(text: str) -> str:
    return json.dumps(_plain(text), ensure_ascii=False)


def _label(text: str) -> str:
    made = "".join(char if char.isalnum() and char.isascii() else "_" for char in text)
    return made if made[:1].isalpha() else f"p_{made}"


def _line(text: str) -> str:
    """The text as a part of one line of a comment."""
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    """Text in which Terraform finds no template."""
    return text.replace("${", "$${").replace("%{", "%%{")

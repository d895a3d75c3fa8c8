"""Values as properties of a Neo4j graph: every text fits its index, and no two ids become one.

A Neo4j text is UTF-8, an indexed one has at most some 8,000 bytes, and a map is no property. What does not fit is told
under another name, which begins with a mark that no other text keeps.
"""

from __future__ import annotations

from collections.abc import Mapping

from graph.model import Edge, Node, Props, PropValue, digest

MARK = "\ufffd\ufffd"  # begins what is told under another name
LONGEST = 4_000  # bytes of an indexed text
_WIDEST = 2**63  # one more than the largest number


def shown_text(text: str) -> str:
    """The text, with what UTF-8 cannot hold spelled out."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return MARK + text.encode("utf-8", "backslashreplace").decode()
    return text


def key_text(text: str) -> str:
    """The text where an index holds it; texts that differ stay apart."""
    plain = shown_text(text)
    if plain == text and not text.startswith(MARK) and len(text.encode()) <= LONGEST:
        return text
    # INVARIANT: a marked text is told by its digest, so that what was escaped never equals what was written so.
    return f"{MARK}{plain[:200]} {digest(text)}"


def live_value(value: PropValue) -> object:
    """A property as Neo4j holds it: a map as texts `name=value`, in order."""
    if isinstance(value, str):
        return shown_text(value)
    if isinstance(value, tuple):
        return [shown_text(one) for one in value]
    if isinstance(value, Mapping):
        return [shown_text(f"{name}={said}") for name, said in sorted(value.items())]
    if isinstance(value, int) and not -_WIDEST <= value < _WIDEST:
        return str(value)
    return value


def live_props(props: Props) -> dict[str, object]:
    """The properties of a row, each under its own name; `name` is told short where an index cannot hold it."""
    held = {name: live_value(value) for name, value in props.items()}
    name = held.get("name")
    if isinstance(name, str) and (short := key_text(name)) != name:
        held |= {"name": short, "long_name": name}
    return held


def live_node(node: Node, number: int) -> dict[str, object]:
    """All properties of a node but its labels; `number` is what edges and clients call it by."""
    held = live_props(node.props)
    short = key_text(node.id)
    if short != node.id:
        held["long_id"] = shown_text(node.id)
    return {**held, "id": short, "number": number, "label": node.kind, "present": node.present}


def live_edge(edge: Edge) -> dict[str, object]:
    """All properties of an edge; what has its default, beyond basis and certainty, is left out."""
    held = live_props(edge.props)
    if edge.indirect:
        held["indirect"] = True
    if edge.cost != 1:
        held["cost"] = edge.cost
    if edge.conditions:
        held["conditions"] = [shown_text(one) for one in edge.conditions]
    if edge.evidence:
        held["evidence"] = [shown_text(one) for one in edge.evidence]
    return {
        **held,
        "discriminator": key_text(edge.discriminator),
        "basis": edge.basis.value,
        "certainty": edge.certainty.label,
    }

"""Shapes are total: whatever an answer holds, they neither raise nor make rows that do not fit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_cases import answers_of, case_folders

from graph.check import check_batch
from graph.model import Batch, CoverageKey, Facts
from graph.schema import schema
from ingest.estate import Estate
from ingest.fields import address, moment, pick, tag_map
from ingest.link import linked
from ingest.source import Answer, Oddity, read_answer, resources

ANSWERS = [
    answer
    for folder in case_folders()
    for answer in answers_of(json.loads((folder / "given.json").read_text(encoding="utf-8")))
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just([None, 1, "x", {"Arn": 5}, []]),
    st.just({"Arn": "arn:aws:iam::1:user/x"}),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for name, item in items:
        yield from _places(item, (*path, name))


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {k: _changed(v, path[1:], new) if k == path[0] else v for k, v in value.items()}
    if not isinstance(value, list):
        return value  # an earlier change took the place away
    return [_changed(v, path[1:], new) if at == path[0] else v for at, v in enumerate(value)]


def _written(answers: list[Answer]) -> None:
    shaped = [row for answer in answers for row in read_answer(answer)]
    rows = linked(shaped, Estate(Facts(), shaped, frozenset()))
    facts = [row for row in rows if not isinstance(row, Oddity)]
    check_batch(Batch.of(facts), schema(), kind_of=lambda _id: None)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(st.data())
def test_an_answer_with_a_member_of_any_other_shape_is_survived(data: st.DataObject) -> None:
    answer = data.draw(st.sampled_from([answer for answer in ANSWERS if answer.pages]))
    pages = list(answer.pages)
    places = [place for place in _places(pages) if len(place) > 1]
    for _ in range(data.draw(st.integers(1, 3))):
        if places:
            pages = _changed(pages, data.draw(st.sampled_from(places)), data.draw(ODD))
    kept = tuple(page for page in pages if isinstance(page, dict))
    _written([Answer(answer.key, answer.argument, kept)])


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.id)
def test_an_empty_page_and_an_answer_without_pages_are_survived(resource: Any) -> None:
    call = resource.call
    argument = "arn:aws:sagemaker:eu-west-1:111111111111:model/m" if call.per_item else ""
    name = f"{call.operation}/{argument}" if argument else call.operation
    key = CoverageKey("aws", "111111111111", "eu-west-1" if call.regional else "global", name)
    _written([Answer(key, argument, pages) for pages in ((), ({},), ({"Other": [1]}, {}))])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2023-03-09 10:41:45+00:00", "2023-03-09T10:41:45Z"),
        ("2023-03-09T10:41:45", "2023-03-09T10:41:45Z"),
        ("2023-03-09T12:41:45.5+02:00", "2023-03-09T10:41:45.500000Z"),
        ("2025-06-01T10:11:12.123+0000", "2025-06-01T10:11:12.123000Z"),
        (0, "1970-01-01T00:00:00Z"),
        (1.5, "1970-01-01T00:00:01.500000Z"),
        (True, None),
        ("soon", None),
        (1e300, None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_a_time_is_read_in_the_forms_it_comes_in(value: object, text: str | None) -> None:
    assert moment({"at": value}, "at") == text


def test_the_first_of_two_equal_tags_stands() -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}, {"Key": "b"}, {"Value": "x"}]
    assert tag_map({"Tags": tags}, "Tags") == {"a": "1", "b": ""}


def test_texts_are_picked_through_lists_once_each() -> None:
    pages = [{"a": [{"b": ["x", "y"]}, {"b": "x"}, {"c": 1}, 5]}, {"a": {"b": "z"}}, {}]
    assert list(pick(pages, "a.b")) == ["x", "y", "z"]


@pytest.mark.parametrize("text", ["", "x", "a@b", "a b@c.de", "<a@b.de>", "a@b.de,c@d.de", None, 5])
def test_what_is_no_address_is_none(text: object) -> None:
    assert address(text) is None


def test_the_cases_lie_where_they_are_looked_for() -> None:
    assert Path(case_folders()[0]).name
    assert len(ANSWERS) > 100

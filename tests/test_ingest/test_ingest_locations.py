"""Places in object stores against their slow twin, and the forms that URIs take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_cases import answers_of
from oracle.locations import enclosing, named_prefix

from graph.model import Edge, Facts, Node
from ingest.estate import Estate
from ingest.link import linked
from ingest.locations import Place, place_in, place_of, places_of
from ingest.source import Shaped, read_answer

KEYS = st.text(alphabet="ab/*?${}.", min_size=1, max_size=14)


@given(KEYS)
def test_a_pattern_names_what_stands_before_its_first_wildcard(key: str) -> None:
    place = place_in(f"arn:aws:s3:::bucket/{key}")
    assert (place.prefix if place else "") == named_prefix(key)


@pytest.mark.parametrize(
    "pattern",
    ["*", "arn:aws:s3:::b", "arn:aws:s3:::b*/x/*", "arn:aws:s3:::*", "arn:*:s3:::b/x/y", "b/x/y"],
)
def test_a_pattern_without_a_bucket_of_its_own_names_nothing(pattern: str) -> None:
    assert place_in(pattern) is None


@pytest.mark.parametrize(
    ("uri", "form", "prefix"),
    [
        ("s3://b", "object", ""),
        ("s3://b/", "folder", ""),
        ("s3://b/model.tar.gz", "object", ""),
        ("s3://b/m/model.tar.gz", "object", "m/"),
        ("s3://b/m/v1", "object", "m/"),
        ("s3://b/m/v1", "folder", "m/v1/"),
        ("s3://b/m/v1/", "folder", "m/v1/"),
        ("s3://b/m/v1/", "object", "m/v1/"),
        ("s3://b/m/train.csv", "folder", "m/"),
        ("s3://b//x/y", "object", "/x/"),
    ],
)
def test_a_uri_names_its_folder(uri: str, form: str, prefix: str) -> None:
    assert place_of(uri, form) == Place("b", prefix)


@pytest.mark.parametrize(
    "uri", ["", "s3:", "s3://", "s3:///x", "https://b/x", "S3://b/x", "s3://arn:aws:s3:eu:1:ap/x/y"]
)
def test_what_is_no_s3_uri_names_no_place(uri: str) -> None:
    assert place_of(uri) is None


@pytest.mark.parametrize(
    "document", ["", "7", "[]", "{}", '{"Statement": 5}', '{"Statement": [{"Resource": [1, {}]}]}']
)
def test_an_odd_document_names_no_place(document: str) -> None:
    assert places_of(document) == frozenset()


PREFIXES = st.lists(
    st.text(alphabet="ab/", min_size=1, max_size=6).map(lambda text: f"{text}/"), max_size=6
)


@given(PREFIXES)
def test_a_prefix_lies_in_the_nearest_named_one(prefixes: list[str]) -> None:
    policy = {"Statement": [{"Resource": [f"arn:aws:s3:::b/{prefix}*" for prefix in prefixes]}]}
    answers = answers_of(
        {
            "answers": [
                {"operation": "s3.list_buckets", "pages": [{"Buckets": [{"Name": "b"}]}]},
                {
                    "operation": "s3.get_bucket_policy",
                    "argument": "b",
                    "pages": [{"Policy": json.dumps(policy)}],
                },
            ]
        }
    )
    shaped: list[Shaped] = [row for answer in answers for row in read_answer(answer)]
    rows = linked(shaped, Estate(Facts(), shaped, frozenset()))
    found = {
        row.source.removeprefix("arn:aws:s3:::b/"): row.target.removeprefix("arn:aws:s3:::b")[1:]
        for row in rows
        if isinstance(row, Edge) and row.kind == "PART_OF"
    }
    assert found == {prefix: enclosing(prefix, prefixes) for prefix in set(prefixes)}
    datasets = {row.id for row in rows if isinstance(row, Node) and row.kind == "Dataset"}
    assert len(datasets) == len(set(prefixes)) + 1

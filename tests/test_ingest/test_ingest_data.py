"""Data, keys and secrets: what single cases cannot show: standing facts, equal schemas, refusals."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from access.odd import odd_policies
from graph.model import Attachment, CoverageKey, Document, Facts, Node, NodeId, Role
from ingest.aws.client_errors import Kind, kind_of
from ingest.aws.glue import schema_hash
from ingest.estate import Estate
from ingest.link import linked
from ingest.source import Answer, Shaped, by_operation, items_of, read_answer

ACCOUNT, REGION = "111111111111", "eu-west-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:score"
COLUMNS = st.lists(
    st.fixed_dictionaries({"Name": st.text(max_size=3), "Type": st.text(max_size=3)}), max_size=4
)


def _answer(operation: str, argument: str, page: dict[str, object], region: str) -> Answer:
    call = f"{operation}/{argument}" if argument else operation
    return Answer(CoverageKey("aws", ACCOUNT, region, call), argument, (page,))


def _told() -> list[Shaped]:
    page = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": FUNCTION, "Events": ["e"]}]}
    answer = _answer("s3.get_bucket_notification_configuration", "claims", page, "global")
    return list(read_answer(answer))


def test_a_function_that_is_gone_does_not_come_back_with_what_starts_it() -> None:
    listing = CoverageKey("aws", ACCOUNT, REGION, "lambda.list_functions")
    before = Facts(nodes=(Node(NodeId(FUNCTION), "Function", asserted_by=frozenset({listing})),))
    told = _told()
    rows = linked(told, Estate(before, told, frozenset({listing})))
    assert FUNCTION not in {row.id for row in rows if isinstance(row, Node)}


def test_a_function_that_stands_is_told_what_starts_it() -> None:
    listing = CoverageKey("aws", ACCOUNT, REGION, "lambda.list_functions")
    before = Facts(nodes=(Node(NodeId(FUNCTION), "Function", asserted_by=frozenset({listing})),))
    told = _told()
    rows = linked(told, Estate(before, told, frozenset()))
    found = [row for row in rows if isinstance(row, Node) and row.id == FUNCTION]
    assert [row.props for row in found] == [{"settings": {"trigger:arn:aws:s3:::claims": "e"}}]


@given(COLUMNS)
def test_columns_in_another_order_and_case_are_the_same_schema(
    columns: list[dict[str, str]],
) -> None:
    other = [
        {"Name": row["Name"], "Type": row["Type"].lower(), "Comment": "any"} for row in columns
    ]
    assert schema_hash(other[::-1]) == schema_hash(columns)


def test_another_type_is_another_schema() -> None:
    one, two = [{"Name": "a", "Type": "int"}], [{"Name": "a", "Type": "double"}]
    assert schema_hash(one) != schema_hash(two)


def test_grants_are_asked_for_keys_of_customers_only() -> None:
    call = by_operation("aws")["kms.list_grants"].call
    pages = [{"KeyMetadata": {"KeyId": "k", "KeyManager": "CUSTOMER"}}]
    assert [item.argument for item in items_of(call, "kms.describe_key", pages)] == ["k"]
    vendor = [{"KeyMetadata": {"KeyId": "k", "KeyManager": "AWS"}}]
    assert not items_of(call, "kms.describe_key", vendor)


def test_scans_are_asked_for_tagged_images_only() -> None:
    call = by_operation("aws")["ecr.describe_image_scan_findings"].call
    pages = [{"imageDetails": [{"imageDigest": "d", "imageTags": ["v"]}, {"imageDigest": "e"}]}]
    items = items_of(call, "ecr.describe_images", pages, argument="team/train")
    assert [(item.argument, item.carried) for item in items] == [
        ("team/train|d", {"imageTags": "v"})
    ]


def test_a_grant_is_no_odd_policy_and_a_policy_without_statements_is_one() -> None:
    document = Document.of({"GrantId": "g"})

    def facts(role: Role) -> Facts:
        row = Attachment(NodeId("k"), role, name="g", document=document.hash)
        return Facts(attachments=(row,), documents=(document,))

    assert odd_policies(facts(Role.RESOURCE))
    assert not odd_policies(facts(Role.GRANT))


def test_a_service_that_is_switched_off_is_not_a_missing_permission() -> None:
    call = by_operation("aws")["macie2.list_findings"].call

    def refused(message: str) -> Kind:
        said = {"Error": {"Code": "AccessDeniedException", "Message": message}}
        return kind_of(ClientError(said, "ListFindings"), call)

    assert refused("Macie is not enabled.") is Kind.UNSUPPORTED
    assert refused("User: x is not authorized to perform: macie2:ListFindings") is Kind.DENIED


@pytest.mark.parametrize(
    ("operation", "code", "message", "kind"),
    [
        (
            "sagemaker.get_model_package_group_policy",
            "ValidationException",
            "Cannot find resource policy for: arn:aws:sagemaker:eu-west-1:1:model-package-group/g",
            Kind.NONE,
        ),
        (
            "sagemaker.get_model_package_group_policy",
            "ValidationException",
            "1 validation error detected: Value at 'modelPackageGroupName' is too long",
            Kind.FAILED,
        ),
        (
            "eks.list_access_entries",
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP]",
            Kind.NONE,
        ),
        ("eks.list_access_entries", "InvalidRequestException", "something else", Kind.FAILED),
    ],
)
def test_an_error_whose_code_says_many_things_means_none_by_its_text_alone(
    operation: str, code: str, message: str, kind: Kind
) -> None:
    said = ClientError({"Error": {"Code": code, "Message": message}}, operation)
    assert kind_of(said, by_operation("aws")[operation].call) is kind

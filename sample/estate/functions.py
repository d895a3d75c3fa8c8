"""The calls to Lambda: the functions of an account and their resource policies."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence

from sample.estate.names import REGION, moment, uuid_of
from sample.estate.policy import Json
from sample.estate.snapshot import Call
from sample.estate.workloads import Function


def _row(function: Function) -> Json:
    code = base64.b64encode(hashlib.sha256(function.arn.encode()).digest()).decode()
    packaged: Json = (
        {"PackageType": "Image"}
        if function.image
        else {"Runtime": function.runtime, "Handler": "app.handler", "PackageType": "Zip"}
    )
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Role": function.role,
        **packaged,
        "CodeSize": 0 if function.image else 1_048_576 + len(function.name),
        "Description": function.description,
        "Timeout": 60,
        "MemorySize": 512,
        # Lambda writes this one as text, not as a datetime.
        "LastModified": moment(function.age, function.arn).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "CodeSha256": code,
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": uuid_of(f"revision:{function.arn}"),
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
    }


def calls(account: str, functions: Sequence[Function]) -> Iterator[Call]:
    """The calls to Lambda for one account."""
    rows = [_row(function) for function in functions]
    yield Call(
        account, REGION, "lambda.list_functions", pages=({"Functions": rows},), items=len(rows)
    )
    for function in functions:
        pages: tuple[Json, ...] = ()
        if function.policy is not None:
            text = json.dumps(function.policy, separators=(",", ":"))
            pages = ({"Policy": text, "RevisionId": uuid_of(f"policy:{function.arn}")},)
        yield Call(
            account,
            REGION,
            "lambda.get_policy",
            function.name,
            {"FunctionName": function.name},
            pages,
            len(pages),
            "lambda.list_functions",
        )

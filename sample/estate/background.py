"""The rest of the estate: everyday assets, drawn from a seed, that no story turns on.

Nothing here widens an identity: the assets run as roles that reach little, and no planted identity may touch
them except where a planted statement says so.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from sample.estate.names import DEV, PROD, role_arn, root_arn
from sample.estate.policy import Json, allow, document, key_policy, tls_only
from sample.estate.storage import Bucket, Key
from sample.estate.workloads import (
    SKLEARN,
    XGBOOST,
    Endpoint,
    Function,
    Model,
    Notebook,
    TrainingJob,
    Workloads,
)

SHORT = {PROD: "prod", DEV: "dev"}
OWNERS = {
    PROD: ("anna.dahl", "eva.lorenz", "pricing", "payments", "ml-platform", "actuarial"),
    DEV: ("lena.arnold", "jonas.brandt", "yara.quint", "paul.winter", "hugo.stein"),
}
BUCKETS = {
    PROD: (
        "access-logs",
        "data-capture",
        "training-code",
        "call-transcripts",
        "weather-risk",
        "web-shop-events",
        "broker-commissions",
        "model-cards",
        "monitoring-baselines",
        "document-scans",
        "batch-scores",
        "catastrophe-maps",
        "campaigns",
        "legacy-exports",
    ),
    DEV: (
        "access-logs",
        "athena-results",
        "quote-samples",
        "labelling",
        "pipeline-cache",
        "hackathon-2025",
        "weather-trial",
        "document-trial",
    ),
}
FAMILIES = {
    PROD: (
        "claims-severity",
        "subrogation",
        "motor-frequency",
        "property-risk",
        "renewal-propensity",
        "document-router",
        "fraud-network",
        "payout-forecast",
    ),
    DEV: (
        "claims-severity",
        "storm-damage",
        "call-topics",
        "lapse",
        "photo-damage",
        "duplicate-payee",
    ),
}
FUNCTIONS = {
    PROD: (
        "thumbnail-claims",
        "expire-quotes",
        "notify-brokers",
        "sync-tariffs",
        "rotate-exports",
        "score-batches",
        "archive-letters",
        "collect-metrics",
        "mask-addresses",
    ),
    DEV: (
        "sandbox-cleanup",
        "label-sampler",
        "mock-payments",
        "trial-webhook",
        "stop-notebooks",
        "fixture-loader",
        "cost-reminder",
    ),
}
WEAK_ROLE = {
    PROD: {"model": "shared-endpoint", "notebook": "reporting-notebook", "job": "claims-training"},
    DEV: {"model": "dev-endpoint", "notebook": "notebook-basic", "job": "churn-training"},
}
ROLE_PATH = {"churn-training": "/training/"}


def _role(account: str, use: str) -> str:
    name = WEAK_ROLE[account][use]
    return role_arn(account, name, ROLE_PATH.get(name, "/sagemaker/"))


def _tags(account: str, rng: random.Random) -> dict[str, str]:
    tags = {
        "owner": f"{rng.choice(OWNERS[account])}@example.com",
        "environment": SHORT[account],
        "data-classification": rng.choice(("internal", "internal", "confidential")),
    }
    if rng.random() < 0.2:  # some people forget
        del tags[rng.choice(sorted(tags))]
    return tags


def _buckets(account: str, rng: random.Random) -> Iterator[Bucket]:
    for use in BUCKETS[account]:
        name = f"alderwick-{SHORT[account]}-{use}"
        yield Bucket(
            account,
            name,
            document(tls_only(name)) if rng.random() < 0.8 else None,
            "aws" if rng.random() < 0.2 else None,
            _tags(account, rng) if rng.random() < 0.85 else None,
            age=rng.randint(60, 1200),
        )
    yield Bucket(  # the service makes this one; nobody tags it
        account, f"sagemaker-eu-west-1-{account}", age=rng.randint(500, 900)
    )


def vendor_key(account: str, service: str, label: str) -> Key:
    """The key that the platform keeps for one of its services."""
    body: Json = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-2",
        "Statement": [
            allow(
                f"Allow access through {label} for all principals in the account that are authorized to use {label}",
                [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "*",
                principal={"AWS": "*"},
                condition={
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": f"{service}.eu-west-1.amazonaws.com",
                    }
                },
            ),
            allow(
                "Allow direct access to key metadata to the account",
                ["kms:Describe*", "kms:Get*", "kms:List*"],
                "*",
                principal={"AWS": root_arn(account)},
            ),
        ],
    }
    return Key(
        account, f"aws/{service}", body, f"Default key that protects my {label} data", vendor=True
    )


def _keys(account: str, rng: random.Random) -> Iterator[Key]:
    yield vendor_key(account, "s3", "S3")
    if account == PROD:
        for name, state in (
            ("data-capture", "Enabled"),
            ("web-shop", "Enabled"),
            ("document-scans", "Enabled"),
            ("legacy-exports", "PendingDeletion"),
            ("broker-portal", "Disabled"),
        ):
            yield Key(
                account,
                name,
                key_policy(account),
                name.replace("-", " ").capitalize(),
                state=state,
                tags={"environment": "prod"},
                age=rng.randint(200, 1300),
            )


def _models(account: str, rng: random.Random) -> Iterator[Model]:
    bucket, folder = (
        ("alderwick-prod-models", "shared/")
        if account == PROD
        else (
            "alderwick-dev-models",
            "",
        )
    )
    for family in FAMILIES[account]:
        for version in range(1, rng.randint(2, 3) + 1):
            name = f"{family}-v{version}"
            yield Model(
                account,
                name,
                _tags(account, rng),
                age=rng.randint(20, 500) + 30 * (3 - version),
                role=_role(account, "model"),
                image=rng.choice((SKLEARN, XGBOOST)),
                data=f"s3://{bucket}/{folder}{family}/v{version}/model.tar.gz",
                isolated=rng.random() < 0.3,
            )


def _endpoints(account: str, models: tuple[Model, ...], rng: random.Random) -> Iterator[Endpoint]:
    newest = {model.name.rpartition("-")[0]: model for model in models}
    for family, model in sorted(newest.items()):
        if rng.random() < 0.75:
            age = rng.randint(10, 400)
            yield Endpoint(
                account,
                family,
                _tags(account, rng),
                age,
                models=(model.name,),
                status="InService" if rng.random() < 0.9 else "Failed",
                revision=rng.randint(1, 9),
                changed=age * rng.random(),
            )


def _jobs(account: str, rng: random.Random) -> Iterator[TrainingJob]:
    short = SHORT[account]
    output = (
        "s3://alderwick-prod-training-output/shared/"
        if account == PROD
        else "s3://alderwick-dev-experiments/training/"
    )
    for family in FAMILIES[account]:
        for month in rng.sample(range(4, 11), rng.randint(1, 2)):
            yield TrainingJob(
                account,
                f"{family}-2026-{month:02d}",
                _tags(account, rng),
                age=(11 - month) * 30 - rng.randint(0, 20),
                role=_role(account, "job"),
                image=rng.choice((SKLEARN, XGBOOST)),
                source=f"s3://alderwick-{short}-{'training-code' if account == PROD else 'pipeline-cache'}"
                f"/{family}/sourcedir.tar.gz",
                inputs=(
                    (
                        "train",
                        f"s3://alderwick-{short}-{'actuarial-tables' if account == PROD else 'quote-samples'}/{family}/",
                    ),
                ),
                output=output,
                status=rng.choice(("Completed", "Completed", "Completed", "Failed", "Stopped")),
            )


def _notebooks(account: str, rng: random.Random) -> Iterator[Notebook]:
    lifecycle = "prod-proxy" if account == PROD else "auto-stop"
    for number in range(2, 6):
        running = rng.random() < 0.5
        yield Notebook(
            account,
            f"reporting-{number:02d}" if account == PROD else f"trial-{number:02d}",
            _tags(account, rng),
            age=rng.randint(100, 500),
            role=_role(account, "notebook"),
            status="InService" if running else "Stopped",
            lifecycle=lifecycle if rng.random() < 0.7 else None,
            root=account == DEV,
            internet=account == DEV and rng.random() < 0.3,
            changed=rng.randint(1, 30) if running else rng.randint(30, 99),
        )


def _functions(account: str, rng: random.Random) -> Iterator[Function]:
    role = "housekeeping" if account == PROD else "dev-functions"
    for name in FUNCTIONS[account]:
        yield Function(
            account,
            name,
            age=rng.randint(5, 400),
            role=role_arn(account, role, "/functions/"),
            runtime=rng.choice(("python3.11", "python3.12", "nodejs20.x")),
            description=name.replace("-", " ").capitalize(),
        )


def buckets(account: str, seed: int) -> tuple[Bucket, ...]:
    """The everyday buckets of an account."""
    return tuple(_buckets(account, random.Random(f"{seed}:buckets:{account}")))


def keys(account: str, seed: int) -> tuple[Key, ...]:
    """The everyday keys of an account."""
    return tuple(_keys(account, random.Random(f"{seed}:keys:{account}")))


def around(planted: Workloads, seed: int) -> Workloads:
    """The planted workloads with everyday ones added, each family in order of name."""
    account = planted.account
    rng = random.Random(f"{seed}:workloads:{account}")
    models = tuple(_models(account, rng))
    return replace(
        planted,
        notebooks=tuple(sorted((*planted.notebooks, *_notebooks(account, rng)), key=_name)),
        models=tuple(sorted((*planted.models, *models), key=_name)),
        endpoints=tuple(sorted((*planted.endpoints, *_endpoints(account, models, rng)), key=_name)),
        jobs=tuple(sorted((*planted.jobs, *_jobs(account, rng)), key=_name)),
        functions=tuple(sorted((*planted.functions, *_functions(account, rng)), key=_name)),
    )


def _name(asset: Notebook | Model | Endpoint | TrainingJob | Function) -> str:
    return asset.name

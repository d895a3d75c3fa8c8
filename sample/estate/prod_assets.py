"""The named buckets, keys and workloads of production; the stories turn on them."""

from __future__ import annotations

from sample.estate.ai_calls import AGENT, DIGEST, SCANS
from sample.estate.names import (
    BROKER,
    DEV,
    PROD,
    bedrock_arn,
    key_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
)
from sample.estate.policy import Json, allow, decrypt, deny, document, key_policy, tls_only
from sample.estate.storage import Bucket, Key
from sample.estate.workloads import (
    XGBOOST,
    Endpoint,
    Function,
    Lifecycle,
    Model,
    Notebook,
    TrainingJob,
    Workloads,
    own_image,
)

MODELS = "alderwick-prod-models"
_CUSTODY = role_arn(PROD, "annuity-custody", "/platform/")
OFFICE = "198.51.100.0/24"
FEATURE_SYNC = role_arn(DEV, "pricing-feature-sync", "/pricing/")
RESERVING_SYNC = role_arn(DEV, "reserving-sync", "/pricing/")


def _tags(owner: str, classification: str, **more: str) -> dict[str, str]:
    return {
        "owner": f"{owner}@example.com",
        "environment": "prod",
        "data-classification": classification,
        **more,
    }


def _bucket(
    name: str,
    owner: str,
    classification: str,
    *more: Json,
    key: str | None = None,
    policy_readable: bool = True,
) -> Bucket:
    return Bucket(
        PROD,
        name,
        document(tls_only(name), *more),
        None if key is None else key_arn(PROD, key),
        _tags(owner, classification),
        policy_readable=policy_readable,
    )


def _objects(name: str) -> str:
    return f"arn:aws:s3:::{name}/*"


def _shared_read(sid: str, bucket: str, principal: str) -> Json:
    return allow(sid, "s3:GetObject", _objects(bucket), principal={"AWS": principal})


BUCKETS = (
    _bucket(MODELS, "ml-platform", "confidential"),
    _bucket("alderwick-prod-claims-history", "anna.dahl", "restricted", key="claims-data"),
    _bucket("alderwick-prod-claims-documents", "eva.lorenz", "restricted"),
    _bucket("alderwick-prod-claims-images", "eva.lorenz", "confidential"),
    _bucket("alderwick-prod-claims-inbox", "claims-intake", "confidential"),
    _bucket("alderwick-prod-payments-ledger", "felix.roth", "restricted", key="payments-data"),
    _bucket("alderwick-prod-policyholders", "policy-admin", "restricted", key="policyholder-data"),
    _bucket("alderwick-prod-pricing-features", "pricing", "confidential"),
    _bucket(
        "alderwick-prod-telematics",
        "pricing",
        "confidential",
        _shared_read("DevFeatureSync", "alderwick-prod-telematics", FEATURE_SYNC),
        key="telematics",
    ),
    _bucket(
        "alderwick-prod-reserving",
        "actuarial",
        "confidential",
        _shared_read("DevReservingSync", "alderwick-prod-reserving", RESERVING_SYNC),
        key="reserving",
    ),
    _bucket("alderwick-prod-medical-reports", "claims-medical", "restricted", key="medical"),
    _bucket("alderwick-prod-legal-holds", "legal", "confidential", policy_readable=False),
    _bucket(
        "alderwick-prod-reinsurance",
        "reinsurance",
        "confidential",
        deny(
            "OfficeNetworkOnly",
            "s3:*",
            ["arn:aws:s3:::alderwick-prod-reinsurance", _objects("alderwick-prod-reinsurance")],
            principal="*",
            condition={"NotIpAddress": {"aws:SourceIp": [OFFICE]}},
        ),
    ),
    _bucket(
        "alderwick-prod-broker-exchange",
        "reinsurance",
        "confidential",
        _shared_read("BrokerReads", "alderwick-prod-broker-exchange", root_arn(BROKER)),
    ),
    _bucket("alderwick-prod-underwriting", "underwriting", "confidential"),
    _bucket("alderwick-prod-fraud-signals", "payments", "confidential"),
    _bucket("alderwick-prod-feature-exports", "pricing", "confidential"),
    _bucket("alderwick-prod-quote-events", "pricing", "internal"),
    _bucket("alderwick-prod-training-output", "ml-platform", "internal"),
    _bucket("alderwick-prod-pricing-inputs", "pricing", "internal"),
    _bucket("alderwick-prod-actuarial-tables", "actuarial", "internal"),
    _bucket("alderwick-prod-tariffs", "pricing", "internal"),
    _bucket("alderwick-prod-policy-pdfs", "policy-admin", "confidential"),
    _bucket("alderwick-prod-athena-results", "ml-platform", "internal"),
    _bucket("alderwick-prod-help-articles", "content", "internal"),
    _bucket(
        SCANS,
        "claims-scans",
        "restricted",
        allow(
            "AccessPointsDecide",
            "s3:*",
            [f"arn:aws:s3:::{SCANS}", _objects(SCANS)],
            principal="*",
            condition={"StringEquals": {"s3:DataAccessPointAccount": PROD}},
        ),
        deny(
            "OnlyByAccessPoint",
            "s3:GetObject",
            _objects(SCANS),
            principal="*",
            condition={"StringNotEquals": {"s3:DataAccessPointAccount": PROD}},
        ),
    ),
    _bucket("alderwick-prod-annuities", "actuarial", "restricted", key="annuities"),
)


def _key(name: str, description: str, *more: Json, policy_readable: bool = True) -> Key:
    return Key(
        PROD,
        name,
        key_policy(PROD, *more),
        description,
        tags={"environment": "prod"},
        policy_readable=policy_readable,
    )


def _use(sid: str, principal: str) -> Json:
    return {**decrypt(sid, "*"), "Principal": {"AWS": principal}}


KEYS = (
    _key("claims-data", "Claims history"),
    _key("payments-data", "Payments ledger"),
    _key("policyholder-data", "Policyholder master data"),
    _key("telematics", "Telematics trips", _use("DevFeatureSyncMayDecrypt", FEATURE_SYNC)),
    _key("reserving", "Reserves"),
    _key("medical", "Medical reports", policy_readable=False),
    _key("notebook-volumes", "Volumes of notebooks"),
    Key(
        PROD,
        "annuities",
        document(
            allow(
                "Custody",
                ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:GetKeyPolicy"],
                "*",
                principal={"AWS": _CUSTODY},
            )
        ),
        "Annuities",
        tags={"environment": "prod"},
    ),
)


def _run_as(name: str, path: str = "/sagemaker/") -> str:
    return role_arn(PROD, name, path)


def _model(name: str, role: str, data: str, owner: str = "ml-platform", **more: str) -> Model:
    return Model(PROD, name, _tags(owner, "internal", **more), role=_run_as(role), data=data)


LIFECYCLES = (
    Lifecycle(
        PROD,
        "prod-proxy",
        script="#!/bin/bash\nset -e\nconda config --set channel_alias https://packages.example.com\n",
        age=420,
    ),
)
NOTEBOOKS = (
    Notebook(
        PROD,
        "pricing-actuary-01",
        _tags("pricing", "restricted"),
        role=_run_as("pricing-actuary-notebook"),
        lifecycle="prod-proxy",
        key=key_arn(PROD, "notebook-volumes"),
    ),
    Notebook(
        PROD,
        "underwriting-lab-01",
        _tags("ralf.tann", "confidential"),  # left the company: nobody has this address any more
        age=610,
        role=_run_as("underwriting-lab-notebook"),
        status="Stopped",
        changed=148,
    ),
    Notebook(
        PROD,
        "reporting-01",
        _tags("ml-platform", "internal"),
        role=_run_as("reporting-notebook"),
        lifecycle="prod-proxy",
    ),
)
MODEL_ROWS = (
    _model(
        "claims-triage-v7", "claims-triage-endpoint", f"s3://{MODELS}/claims-triage/v7/model.tar.gz"
    ),
    _model(
        "claims-triage-v6", "claims-triage-endpoint", f"s3://{MODELS}/claims-triage/v6/model.tar.gz"
    ),
    _model(
        "pricing-core-v12", "pricing-core-endpoint", f"s3://{MODELS}/pricing-core/v12/model.tar.gz"
    ),
    Model(
        PROD,
        "payments-fraud-v3",
        _tags("payments", "internal"),
        role=_run_as("payments-fraud-endpoint"),
        image=own_image(PROD, "fraud-serving", "latest"),
        data=f"s3://{MODELS}/payments-fraud/v3/model.tar.gz",
    ),
    Model(
        PROD,
        "letter-scoring-v1",
        _tags("content", "internal"),
        role=_run_as("letter-scoring-endpoint"),
        image=own_image(PROD, "letter-scoring", DIGEST),
        data=f"s3://{MODELS}/letter-scoring/v1/weights.safetensors",
    ),
    Model(
        PROD,
        "churn-score-v1",
        _tags("ml-platform", "internal"),
        role=_run_as("churn-score-endpoint"),
        package=sagemaker_arn(PROD, "model-package", "churn-score/1"),
    ),
)
ENDPOINTS = (
    Endpoint(
        PROD,
        "claims-triage",
        _tags("anna.dahl", "restricted", tier="crown"),
        models=("claims-triage-v7",),
        revision=7,
        capture="s3://alderwick-prod-data-capture/claims-triage/",
        age=500,
    ),
    Endpoint(
        PROD,
        "pricing-core",
        _tags("pricing", "confidential", tier="crown"),
        models=("pricing-core-v12",),
        revision=12,
        age=640,
    ),
    Endpoint(
        PROD,
        "payments-fraud",
        _tags("payments", "restricted", tier="crown"),
        models=("payments-fraud-v3",),
        revision=3,
        capture="s3://alderwick-prod-data-capture/payments-fraud/",
        age=330,
    ),
    Endpoint(
        PROD,
        "letter-scoring",
        _tags("content", "internal"),
        models=("letter-scoring-v1",),
        age=80,
    ),
    Endpoint(
        PROD,
        "churn-score",
        _tags("ml-platform", "confidential"),
        models=("churn-score-v1",),
        age=60,
    ),
)
JOBS = tuple(
    TrainingJob(
        PROD,
        name,
        _tags(owner, "internal"),
        age=age,
        role=_run_as(role),
        image=XGBOOST,
        source=f"s3://alderwick-prod-training-code/{family}/sourcedir.tar.gz",
        inputs=(("train", source),),
        output=f"s3://alderwick-prod-training-output/{family}/",
    )
    for name, owner, role, family, source, age in (
        (
            "payments-fraud-2026-10",
            "payments",
            "payments-fraud-training",
            "payments-fraud",
            "s3://alderwick-prod-payments-ledger/2026/",
            21,
        ),
        (
            "claims-triage-2026-09",
            "anna.dahl",
            "claims-training",
            "claims-triage",
            "s3://alderwick-prod-actuarial-tables/claims/",
            48,
        ),
        (
            "pricing-core-2026-10",
            "pricing",
            "pricing-training",
            "pricing-core",
            "s3://alderwick-prod-pricing-inputs/motor/",
            16,
        ),
    )
)
_GATEWAY: Json = document(
    {
        **allow(
            "GatewayMayInvoke",
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-1:{PROD}:function:claims-webhook",
            principal={"Service": "apigateway.amazonaws.com"},
            condition={
                "ArnLike": {
                    "AWS:SourceArn": f"arn:aws:execute-api:eu-west-1:{PROD}:a1b2c3d4e5/*/POST/claims"
                }
            },
        )
    }
)
FUNCTIONS = (
    Function(
        PROD,
        "claims-webhook",
        role=_run_as("claims-webhook", "/functions/"),
        description="Takes notices of loss from the portal",
        policy=_GATEWAY,
    ),
    Function(
        PROD,
        "payments-settlement-run",
        role=_run_as("payments-settlement", "/payments/"),
        description="Settles approved claims every night",
        image=own_image(PROD, "settlement", "2026.10.2"),
    ),
    Function(
        PROD,
        "policy-renderer",
        role=_run_as("policy-renderer", "/functions/"),
        description="Renders policy documents",
    ),
    Function(
        PROD,
        "assist-lookup",
        role=_run_as("assist-lookup", "/functions/"),
        description="Looks up claims for the assistant",
        policy=document(
            {
                **allow(
                    "AssistantMayInvoke",
                    "lambda:InvokeFunction",
                    f"arn:aws:lambda:eu-west-1:{PROD}:function:assist-lookup",
                    principal={"Service": "bedrock.amazonaws.com"},
                    condition={"ArnLike": {"AWS:SourceArn": bedrock_arn(PROD, "agent", AGENT)}},
                )
            }
        ),
    ),
    Function(
        PROD,
        "assist-archive",
        role=_run_as("assist-archive", "/functions/"),
        description="Moved closed claims; nothing calls it any more",
    ),
    Function(
        PROD,
        "quote-api",
        role=_run_as("quote-api", "/functions/"),
        description="Answers quotes of the web shop",
    ),
)
WORKLOADS = Workloads(PROD, NOTEBOOKS, LIFECYCLES, MODEL_ROWS, ENDPOINTS, JOBS, FUNCTIONS)

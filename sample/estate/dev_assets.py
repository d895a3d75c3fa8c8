"""The named buckets, keys and workloads of development; the stories turn on them."""

from __future__ import annotations

from sample.estate.names import BROKER, DEV, key_arn, role_arn, root_arn
from sample.estate.policy import Json, allow, document, key_policy, tls_only
from sample.estate.storage import Bucket, Key
from sample.estate.workloads import (
    Endpoint,
    Function,
    Lifecycle,
    Model,
    Notebook,
    TrainingJob,
    Workloads,
)

MODELS = "alderwick-dev-models"


def _tags(owner: str, classification: str, **more: str) -> dict[str, str]:
    return {
        "owner": f"{owner}@example.com",
        "environment": "dev",
        "data-classification": classification,
        **more,
    }


def _bucket(name: str, owner: str, classification: str, *, key: str | None = None) -> Bucket:
    return Bucket(
        DEV,
        name,
        document(tls_only(name)),
        None if key is None else key_arn(DEV, key),
        _tags(owner, classification),
        age=380,
    )


def _public_read(bucket: str) -> Json:
    return document(allow("AnyoneReads", "s3:GetObject", f"arn:aws:s3:::{bucket}/*", principal="*"))


BUCKETS = (
    # A copy of production data that an experiment left behind.
    _bucket("alderwick-dev-customer-extract", "lena.arnold", "restricted"),
    _bucket("alderwick-dev-quote-copy", "pricing", "internal"),
    _bucket("alderwick-dev-quote-copy-notes", "pricing", "internal"),
    _bucket("alderwick-dev-partner-drop", "paul.winter", "confidential"),
    _bucket("alderwick-dev-ledger-copy", "payments", "restricted"),
    _bucket("alderwick-dev-fraud-samples", "yara.quint", "confidential"),
    Bucket(
        DEV,
        "alderwick-dev-demo-assets",
        _public_read("alderwick-dev-demo-assets"),
        tags=_tags("hugo.stein", "internal"),
        blocked=False,
        age=290,
    ),
    Bucket(
        DEV,
        "alderwick-dev-static-reports",
        _public_read("alderwick-dev-static-reports"),
        tags=_tags("hugo.stein", "internal"),
        age=270,
    ),
    Bucket(
        DEV,
        "alderwick-dev-partner-exchange",
        document(
            tls_only("alderwick-dev-partner-exchange"),
            allow(
                "BrokerExchanges",
                ["s3:GetObject", "s3:PutObject"],
                "arn:aws:s3:::alderwick-dev-partner-exchange/*",
                principal={"AWS": root_arn(BROKER)},
            ),
        ),
        tags=_tags("paul.winter", "confidential"),
        age=260,
    ),
    _bucket("alderwick-dev-code", "hugo.stein", "internal"),
    _bucket("alderwick-dev-churn-data", "jonas.brandt", "confidential"),
    _bucket("alderwick-dev-reports", "hugo.stein", "internal"),
    _bucket(MODELS, "hugo.stein", "internal"),
    _bucket("alderwick-dev-experiments", "jonas.brandt", "internal", key="dev-ml"),
    _bucket("alderwick-dev-notebook-scratch", "hugo.stein", "internal"),
    _bucket("alderwick-dev-claims-synthetic", "anna.dahl", "internal"),
)
KEYS = (
    Key(DEV, "dev-ml", key_policy(DEV), "Experiments", tags={"environment": "dev"}, age=380),
    Key(DEV, "dev-volumes", key_policy(DEV), "Volumes", tags={"environment": "dev"}, age=380),
)
LIFECYCLES = (
    Lifecycle(
        DEV,
        "bootstrap-proxy",
        script="#!/bin/bash\nset -e\npip config set global.index-url https://packages.example.com/simple\n",
        age=340,
    ),
    Lifecycle(
        DEV,
        "auto-stop",
        script="#!/bin/bash\necho '*/10 * * * * /usr/bin/python3 /opt/idle.py' | crontab -\n",
        age=330,
    ),
)


def _run_as(name: str, path: str = "/sagemaker/") -> str:
    return role_arn(DEV, name, path)


NOTEBOOKS = (
    Notebook(
        DEV,
        "fraud-lab",
        _tags("yara.quint", "confidential", team="fraud"),
        role=_run_as("fraud-lab-notebook"),
        lifecycle="bootstrap-proxy",
        internet=True,
        root=True,
    ),
    Notebook(
        DEV,
        "ds-lena-01",
        _tags("lena.arnold", "internal", team="pricing"),
        role=_run_as("notebook-basic"),
        lifecycle="auto-stop",
        root=True,
    ),
    Notebook(
        DEV,
        "ds-shared-02",
        _tags("jonas.brandt", "internal", team="pricing"),
        role=_run_as("notebook-basic"),
        lifecycle="auto-stop",
        status="Stopped",
        root=True,
        changed=95,
    ),
)
MODEL_ROWS = (
    Model(
        DEV,
        "fraud-scorer-candidate",
        _tags("yara.quint", "internal"),
        role=_run_as("dev-endpoint"),
        data=f"s3://{MODELS}/fraud-scorer/candidate/model.tar.gz",
    ),
    Model(
        DEV,
        "price-elasticity-trial",
        _tags("jonas.brandt", "internal"),
        role=_run_as("dev-endpoint"),
        data=f"s3://{MODELS}/price-elasticity/trial/",
        prefix=True,
    ),
)
ENDPOINTS = (
    Endpoint(
        DEV,
        "fraud-scorer",
        _tags("yara.quint", "internal", team="fraud"),
        models=("fraud-scorer-candidate",),
        age=90,
    ),
    Endpoint(
        DEV,
        "price-elasticity",
        _tags("jonas.brandt", "internal", team="pricing"),
        models=("price-elasticity-trial",),
        age=75,
    ),
)
JOBS = (
    TrainingJob(
        DEV,
        "churn-retention-2026-08",
        _tags("jonas.brandt", "internal"),
        age=84,
        role=_run_as("churn-training", "/training/"),
        source="s3://alderwick-dev-code/churn/sourcedir.tar.gz",
        inputs=(("train", "s3://alderwick-dev-churn-data/2026-07/"),),
        output="s3://alderwick-dev-models/churn/",
    ),
)
FUNCTIONS = (
    Function(
        DEV,
        "etl-partner-files",
        role=_run_as("etl-loader", "/functions/"),
        description="Sorts what partners drop",
    ),
    Function(
        DEV,
        "report-weekly",
        role=_run_as("dev-functions", "/functions/"),
        description="Mails the weekly report",
    ),
)
WORKLOADS = Workloads(DEV, NOTEBOOKS, LIFECYCLES, MODEL_ROWS, ENDPOINTS, JOBS, FUNCTIONS)

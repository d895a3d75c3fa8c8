"""The roles that the workloads of production run as."""

from __future__ import annotations

from sample.estate.identities import Role
from sample.estate.names import PROD, key_arn
from sample.estate.policy import Json, decrypt, document, read_objects, trust_service, write_objects
from sample.estate.vendor import FUNCTION_LOGS

MODELS = "alderwick-prod-models"


def _sagemaker(name: str, **inline: Json) -> Role:
    return Role(
        PROD,
        name,
        "/sagemaker/",
        trust=trust_service("sagemaker"),
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        tags={"managed-by": "terraform"},
    )


def _function(name: str, path: str = "/functions/", **inline: Json) -> Role:
    return Role(
        PROD,
        name,
        path,
        trust=trust_service("lambda"),
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        managed=(FUNCTION_LOGS,),
        tags={"managed-by": "terraform"},
    )


ROLES = (
    _sagemaker(
        "claims-triage-endpoint",
        serve=document(
            read_objects("LoadTriageModel", MODELS, "claims-triage/"),
            read_objects("ReadClaimsHistory", "alderwick-prod-claims-history"),
            decrypt("DecryptClaimsHistory", key_arn(PROD, "claims-data")),
        ),
    ),
    _sagemaker(
        "pricing-core-endpoint",
        serve=document(
            read_objects("LoadPricingModel", MODELS, "pricing-core/"),
            read_objects("ReadFeatureExports", "alderwick-prod-feature-exports"),
        ),
    ),
    _sagemaker(
        "payments-fraud-endpoint",
        serve=document(
            read_objects("LoadFraudModel", MODELS, "payments-fraud/"),
            read_objects("ReadFraudSignals", "alderwick-prod-fraud-signals"),
        ),
    ),
    _sagemaker(
        "shared-endpoint",
        serve=document(read_objects("LoadSharedModels", MODELS, "shared/")),
    ),
    _sagemaker(
        "payments-fraud-training",
        train=document(
            read_objects("ReadLedgerForTraining", "alderwick-prod-payments-ledger"),
            decrypt("DecryptLedgerForTraining", key_arn(PROD, "payments-data")),
            write_objects(
                "WriteTrainingOutput", "alderwick-prod-training-output", "payments-fraud/"
            ),
        ),
    ),
    _sagemaker(
        "claims-training",
        train=document(
            read_objects("ReadClaimsTables", "alderwick-prod-actuarial-tables"),
            write_objects(
                "WriteTrainingOutput", "alderwick-prod-training-output", "claims-triage/"
            ),
        ),
    ),
    _sagemaker(
        "pricing-training",
        train=document(
            read_objects("ReadPricingInputs", "alderwick-prod-pricing-inputs"),
            write_objects("WriteTrainingOutput", "alderwick-prod-training-output", "pricing-core/"),
        ),
    ),
    _sagemaker(
        "pricing-actuary-notebook",
        explore=document(
            read_objects("ReadPolicyholders", "alderwick-prod-policyholders"),
            decrypt("DecryptPolicyholders", key_arn(PROD, "policyholder-data")),
        ),
    ),
    _sagemaker(
        "underwriting-lab-notebook",
        explore=document(read_objects("ReadUnderwriting", "alderwick-prod-underwriting")),
    ),
    _sagemaker(
        "reporting-notebook",
        explore=document(read_objects("ReadReports", "alderwick-prod-athena-results")),
    ),
    _function(
        "payments-settlement",
        "/payments/",
        settle=document(
            read_objects("ReadLedger", "alderwick-prod-payments-ledger"),
            decrypt("DecryptLedger", key_arn(PROD, "payments-data")),
        ),
    ),
    _function(
        "claims-webhook",
        documents=document(
            read_objects("ReadIncomingDocuments", "alderwick-prod-claims-documents")
        ),
    ),
    _function(
        "policy-renderer",
        render=document(write_objects("WritePdfs", "alderwick-prod-policy-pdfs")),
    ),
    _function(
        "quote-api",
        quote=document(read_objects("ReadTariffs", "alderwick-prod-tariffs")),
    ),
    _function("housekeeping"),
)

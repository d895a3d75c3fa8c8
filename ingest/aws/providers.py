"""Identity providers of an account: whom its roles may trust to say who someone is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from graph.model import GLOBAL_REGION
from ingest.aws.asset import lacking, listed, stated, tag_props
from ingest.aws.names import Arn, account_of
from ingest.fields import Json, flag, moment, rows, tag_map, text, texts, word
from ingest.source import Answer, Call, Feed, Resource, Shaped, Skipped

SAML, OIDC = "saml", "oidc"


def _provider(answer: Answer, arn: str, flavour: str, **values: object) -> Iterator[Shaped]:
    parsed = Arn.parse(arn)
    if parsed is None or account_of(arn) is None:
        yield Skipped(str(answer.key), f"`{arn}` is no ARN of a provider")
        return
    yield from listed(
        arn,
        "IdentityProvider",
        account=parsed.account,
        region=GLOBAL_REGION,
        name=parsed.resource.partition("/")[2] or arn,
        flavour=flavour,
        **values,  # type: ignore[arg-type]  # properties by name
    )


def _listing(answer: Answer, name: str, flavour: str) -> Iterator[Shaped]:
    for row in answer.each(name):
        arn = text(row, "Arn")
        if arn is None:
            yield Skipped(str(answer.key), "a provider has no ARN")
            continue
        yield from _provider(
            answer,
            arn,
            flavour,
            created=moment(row, "CreateDate"),
            settings=stated(
                valid_until=moment(row, "ValidUntil"),
                propagates_identity=word(flag(row, "IsTrustedIdentityPropagationEnabled")),
            ),
        )


def shape_saml(answer: Answer) -> Iterator[Shaped]:
    """The SAML providers of the account."""
    yield from _listing(answer, "SAMLProviderList", SAML)


def shape_oidc(answer: Answer) -> Iterator[Shaped]:
    """The OIDC providers of the account."""
    yield from _listing(answer, "OpenIDConnectProviderList", OIDC)


def _described(page: Json) -> dict[str, object]:
    tags = tag_map(page, "Tags") if isinstance(page.get("Tags"), list) else None
    return {"created": moment(page, "CreateDate"), **({} if tags is None else tag_props(tags))}


def shape_saml_provider(answer: Answer) -> Iterator[Shaped]:
    """What one SAML provider accepts: a new metadata document means new signers, so its hash is kept."""
    if lost := lacking(answer, "SAMLMetadataDocument"):
        yield lost
    for page in answer.pages:
        metadata = text(page, "SAMLMetadataDocument")
        issuers = sorted(
            {issuer for row in rows(page, "SAMLKeyHashes") if (issuer := text(row, "IssuerURL"))}
        )
        yield from _provider(
            answer,
            answer.argument,
            SAML,
            **_described(page),
            settings=stated(
                metadata_hash=_hash(metadata),
                valid_until=moment(page, "ValidUntil"),
                issuers=",".join(issuers),
                assertion_encryption=text(page, "AssertionEncryptionMode"),
                identity_center=text(page, "IdentityCenterInstanceArn"),
            ),
        )


def _hash(metadata: str | None) -> str | None:
    if metadata is None:
        return None
    return "sha256:" + hashlib.sha256(metadata.encode("utf-8", "surrogatepass")).hexdigest()


def shape_oidc_provider(answer: Answer) -> Iterator[Shaped]:
    """Whose tokens one OIDC provider stands for, and for which clients."""
    if lost := lacking(answer, "Url"):
        yield lost
    for page in answer.pages:
        yield from _provider(
            answer,
            answer.argument,
            OIDC,
            **_described(page),
            settings=stated(
                url=text(page, "Url"),
                clients=",".join(sorted(texts(page, "ClientIDList"))),
                thumbprints=",".join(sorted(texts(page, "ThumbprintList"))),
                identity_center=text(page, "IdentityCenterInstanceArn"),
            ),
        )


RESOURCES = (
    Resource(
        "aws.saml-providers",
        "The SAML providers of the account.",
        Call("iam", "list_saml_providers", "iam:ListSAMLProviders", items="SAMLProviderList"),
        shape_saml,
    ),
    Resource(
        "aws.saml-provider-settings",
        "The metadata and keys of a SAML provider.",
        Call(
            "iam",
            "get_saml_provider",
            "iam:GetSAMLProvider",
            params={"SAMLProviderArn": "{item}"},
            feeds=(Feed("iam.list_saml_providers", "SAMLProviderList.Arn"),),
            subject="{item}",
            tells_tags=True,
        ),
        shape_saml_provider,
    ),
    Resource(
        "aws.oidc-providers",
        "The OIDC providers of the account.",
        Call(
            "iam",
            "list_open_id_connect_providers",
            "iam:ListOpenIDConnectProviders",
            items="OpenIDConnectProviderList",
        ),
        shape_oidc,
    ),
    Resource(
        "aws.oidc-provider-settings",
        "The issuer and clients of an OIDC provider.",
        Call(
            "iam",
            "get_open_id_connect_provider",
            "iam:GetOpenIDConnectProvider",
            params={"OpenIDConnectProviderArn": "{item}"},
            feeds=(Feed("iam.list_open_id_connect_providers", "OpenIDConnectProviderList.Arn"),),
            subject="{item}",
            tells_tags=True,
        ),
        shape_oidc_provider,
    ),
)

"""AgentCore memories, workload identities, and the providers that keep credentials for agents."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.agentcore import (
    CONTROL,
    HARNESS,
    IDENTITY,
    MEMORY,
    SERVICE,
    core,
    core_node,
)
from ingest.aws.asset import listed, props, referenced
from ingest.aws.bedrock import sealed, subject, told, word_at
from ingest.aws.names import account_of
from ingest.fields import Json, member, moment, text, words
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

OAUTH, API_KEY = "agentcore oauth2 credential provider", "agentcore api key credential provider"
_VAULT = "arn:{partition}:bedrock-agentcore:{region}:{account}:token-vault/default/"
_JWT = "oauth2ProviderConfigOutput.customOauth2ProviderConfig.privateKeyJwtConfig"
_MANAGED = "configuration.selfManagedConfiguration.invocationConfiguration"


def shape_memories(answer: Answer) -> Iterator[Shaped]:
    """The memories of the account in the region.

    A memory is a knowledge base and no dataset: agents look up in it what earlier sessions left, so that whoever
    writes it steers later answers, as with any other retrieval store.
    """
    for row in answer.each("memories"):
        name = text(row, "id")
        arn = text(row, "arn") or (core_node(answer, "memory", name) if name else None)
        if arn is None:
            yield Skipped(str(answer.key), "a memory has neither `arn` nor `id`")
            continue
        yield from listed(
            arn,
            "KnowledgeBase",
            account=answer.account,
            region=answer.region,
            name=name,
            flavour=MEMORY,
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            settings=told({"state": text(row, "status")}),
        )
        yield from _managed(NodeId(arn), row)


def _managed(node: NodeId, row: Json) -> Iterator[Node | Edge]:
    """The harness that the memory was made for."""
    arn = text(row, "managedByResourceArn")
    if arn is None:
        return
    yield referenced(
        arn, "Agent", account=account_of(arn), name=arn.rpartition("/")[2], flavour=HARNESS
    )
    yield Edge("MANAGED_BY", node, NodeId(arn))


def shape_memory(answer: Answer) -> Iterator[Shaped]:
    """The key, role and strategies of a memory; what it remembers is not asked for."""
    for page in answer.pages:
        row = member(page, "memory")
        if not row:
            yield Skipped(str(answer.key), "it holds no `memory`")
            continue
        node = NodeId(text(row, "arn") or core_node(answer, "memory", answer.argument))
        key = text(row, "encryptionKeyArn")
        held = {
            "state": text(row, "status"),
            "execution_role": text(row, "memoryExecutionRoleArn"),
            "expires_after_days": word_at(row, "eventExpiryDuration"),
            "strategies": word_at(row, "strategies.type"),
            "topic": word_at(row, f"strategies.{_MANAGED}.topicArn"),
            "payloads": word_at(row, f"strategies.{_MANAGED}.payloadDeliveryBucketName"),
            "streams": word_at(row, "streamDeliveryResources.resources.kinesis.dataStreamArn"),
        }
        yield Node(
            node,
            "KnowledgeBase",
            props(
                name=text(row, "name"),
                cmk=False if key is None else None,
                settings=told(held),
            ),
        )
        yield from sealed(node, key)
        yield from _managed(node, row)
        for bucket in words(row, f"strategies.{_MANAGED}.payloadDeliveryBucketName"):
            yield Mention(Link.NAMES, node, f"s3://{bucket}/", {"form": "folder"})


def shape_identities(answer: Answer) -> Iterator[Shaped]:
    """The identities that agents ask for tokens with."""
    for row in answer.each("workloadIdentities"):
        arn = text(row, "workloadIdentityArn")
        if arn is None:
            yield Skipped(str(answer.key), "a workload identity has no `workloadIdentityArn`")
            continue
        yield from listed(
            arn,
            "ServiceAccount",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=IDENTITY,
        )


def _providers(answer: Answer, flavour: str) -> Iterator[Shaped]:
    for row in answer.each("credentialProviders"):
        arn = text(row, "credentialProviderArn")
        if arn is None:
            yield Skipped(str(answer.key), "a provider has no `credentialProviderArn`")
            continue
        vendor = text(row, "credentialProviderVendor")
        yield from listed(
            arn,
            "Secret",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=f"{flavour} ({vendor})" if vendor else flavour,
            created=moment(row, "createdTime"),
            last_changed=moment(row, "lastUpdatedTime"),
        )


def _provider(answer: Answer, form: str, secret: str) -> Iterator[Shaped]:
    """The stored secret behind a provider: whoever reads it has the provider's credential."""
    for page in answer.pages:
        name = text(page, "name") or answer.argument
        node = NodeId(
            text(page, "credentialProviderArn")
            or core_node(answer, f"token-vault/default/{form}", name)
        )
        stored = text(member(page, secret), "secretArn")
        if stored is None:
            yield Skipped(str(answer.key), f"it names no `{secret}`")
            continue
        yield referenced(
            stored, "Secret", account=account_of(stored), name=stored.rpartition(":")[2]
        )
        yield referenced(node, "Secret", account=answer.account, region=answer.region, name=name)
        yield Edge("OPENS", NodeId(stored), node, discriminator="READ", props={"gain": "READ"})


def shape_oauths(answer: Answer) -> Iterator[Shaped]:
    """The OAuth clients whose secrets the token vault keeps."""
    yield from _providers(answer, OAUTH)


def shape_oauth(answer: Answer) -> Iterator[Shaped]:
    """Where the client secret is kept."""
    yield from _provider(answer, "oauth2credentialprovider", "clientSecretArn")


def shape_keys(answer: Answer) -> Iterator[Shaped]:
    """The API keys that the token vault keeps."""
    yield from _providers(answer, API_KEY)


def shape_key(answer: Answer) -> Iterator[Shaped]:
    """Where the API key is kept."""
    yield from _provider(answer, "apikeycredentialprovider", "apiKeySecretArn")


RESOURCES = (
    Resource(
        "aws.agentcore-memories",
        "The memories of AgentCore.",
        core("list_memories", "ListMemories", items="memories", paginated=True),
        shape_memories,
    ),
    Resource(
        "aws.agentcore-memory-descriptions",
        "The key and role of a memory.",
        core(
            "get_memory",
            "GetMemory",
            params={"memoryId": "{item}", "view": "without_decryption"},
            subject=subject("memory", service=SERVICE),
            feeds=(Feed(f"{CONTROL}.list_memories", "memories.id"),),
        ),
        shape_memory,
    ),
    Resource(
        "aws.agentcore-workload-identities",
        "The identities that agents ask for tokens with.",
        core(
            "list_workload_identities",
            "ListWorkloadIdentities",
            items="workloadIdentities",
            paginated=True,
        ),
        shape_identities,
    ),
    Resource(
        "aws.agentcore-oauth2-providers",
        "The OAuth clients that agents act for.",
        core(
            "list_oauth2_credential_providers",
            "ListOauth2CredentialProviders",
            items="credentialProviders",
            paginated=True,
        ),
        shape_oauths,
    ),
    Resource(
        "aws.agentcore-oauth2-provider-descriptions",
        "Where the secret of an OAuth client is kept.",
        core(
            "get_oauth2_credential_provider",
            "GetOauth2CredentialProvider",
            params={"name": "{item}"},
            subject=_VAULT + "oauth2credentialprovider/{item}",
            feeds=(
                Feed(f"{CONTROL}.list_oauth2_credential_providers", "credentialProviders.name"),
            ),
            veils=(f"{_JWT}.additionalHeaderClaims", f"{_JWT}.additionalPayloadClaims"),
        ),
        shape_oauth,
    ),
    Resource(
        "aws.agentcore-api-key-providers",
        "The API keys that agents use.",
        core(
            "list_api_key_credential_providers",
            "ListApiKeyCredentialProviders",
            items="credentialProviders",
            paginated=True,
        ),
        shape_keys,
    ),
    Resource(
        "aws.agentcore-api-key-provider-descriptions",
        "Where an API key is kept.",
        core(
            "get_api_key_credential_provider",
            "GetApiKeyCredentialProvider",
            params={"name": "{item}"},
            subject=_VAULT + "apikeycredentialprovider/{item}",
            feeds=(
                Feed(f"{CONTROL}.list_api_key_credential_providers", "credentialProviders.name"),
            ),
        ),
        shape_key,
    ),
)

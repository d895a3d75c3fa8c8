"""Bedrock knowledge bases: where their content comes from, where it is indexed, and what opens the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Certainty, Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced
from ingest.aws.bedrock import KNOWLEDGE_BASE, node_of, regional, subject, told, word_at
from ingest.aws.names import Arn, account_of
from ingest.fields import Json, member, moment, rows, text, texts, words
from ingest.source import PART, Answer, Feed, Link, Mention, Oddity, Resource, Shaped, Skipped

CLIENT = "bedrock-agent"
FOLDER = {"form": "folder"}

STORES = {
    "opensearchServerlessConfiguration": ("collectionArn", "opensearch serverless collection"),
    "opensearchManagedClusterConfiguration": ("domainArn", "opensearch domain"),
    "rdsConfiguration": ("resourceArn", "rds cluster"),
    "neptuneAnalyticsConfiguration": ("graphArn", "neptune graph"),
    "pineconeConfiguration": ("connectionString", "pinecone index"),
    "redisEnterpriseCloudConfiguration": ("endpoint", "redis index"),
    "mongoDbAtlasConfiguration": ("endpoint", "mongodb atlas index"),
}
"""Where each kind of store says what it is, and what it is called; some have an ARN, others an address only."""

PARTS = (
    "vectorIndexName",
    "indexName",
    "databaseName",
    "tableName",
    "collectionName",
    "namespace",
)

HOSTS = {
    "webConfiguration": "sourceConfiguration.urlConfiguration.seedUrls.url",
    "confluenceConfiguration": "sourceConfiguration.hostUrl",
    "salesforceConfiguration": "sourceConfiguration.hostUrl",
    "sharePointConfiguration": "sourceConfiguration.siteUrls",
}
"""Where each kind of source outside AWS says what is read."""


def shape_bases(answer: Answer) -> Iterator[Shaped]:
    """The knowledge bases of the account in the region."""
    for row in answer.each("knowledgeBaseSummaries"):
        name = text(row, "knowledgeBaseId")
        if name is None:
            yield Skipped(str(answer.key), "a knowledge base has no `knowledgeBaseId`")
            continue
        yield from listed(
            node_of(answer, "knowledge-base", name),
            "KnowledgeBase",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=KNOWLEDGE_BASE,
            last_changed=moment(row, "updatedAt"),
            settings=told({"state": text(row, "status")}),
        )


def shape_base(answer: Answer) -> Iterator[Shaped]:
    """The role of the knowledge base, how it embeds, and where its index lies."""
    for page in answer.pages:
        row = member(page, "knowledgeBase")
        if not row:
            yield Skipped(str(answer.key), "it holds no `knowledgeBase`")
            continue
        node = node_of(answer, "knowledge-base", text(row, "knowledgeBaseId") or answer.argument)
        held = _settings(row)
        yield Node(
            node,
            "KnowledgeBase",
            props(name=text(row, "name"), created=moment(row, "createdAt"), settings=told(held)),
        )
        config = member(row, "knowledgeBaseConfiguration")
        yield from _stored(answer, node, member(row, "storageConfiguration"))
        yield from _kendra(answer, node, config)
        yield from _queried(answer, node, member(config, "sqlKnowledgeBaseConfiguration"))
        for kind in ("vectorKnowledgeBaseConfiguration", "managedKnowledgeBaseConfiguration"):
            for uri in words(
                member(config, kind),
                "supplementalDataStorageConfiguration.storageLocations.s3Location.uri",
            ):
                yield Mention(Link.STORED_IN, node, uri, FOLDER)  # what it takes out of documents
        managed = member(config, "managedKnowledgeBaseConfiguration")
        if managed:
            key = word_at(managed, "serverSideEncryptionConfiguration.kmsKeyArn")
            yield Mention(Link.SOURCE_KEY, node, key or "")


def _settings(row: Json) -> dict[str, str | None]:
    config, store = member(row, "knowledgeBaseConfiguration"), member(row, "storageConfiguration")
    kinds = ("vectorKnowledgeBaseConfiguration", "managedKnowledgeBaseConfiguration")
    models = [arn for kind in kinds if (arn := text(member(config, kind), "embeddingModelArn"))]
    sql = member(config, "sqlKnowledgeBaseConfiguration")
    return {
        "state": text(row, "status"),
        "execution_role": text(row, "roleArn"),
        "type": text(config, "type"),
        "embedding_model": ",".join(models),
        "storage": text(store, "type"),
        "storage_parts": ",".join(
            f"{name}={value}"
            for kind in (*STORES, "s3VectorsConfiguration")
            for name in PARTS
            if (value := text(member(store, kind), name))
        ),
        "databases": word_at(
            sql, "redshiftConfiguration.storageConfigurations.redshiftConfiguration.databaseName"
        ),
        "query_cluster": word_at(
            sql,
            "redshiftConfiguration.queryEngineConfiguration.provisionedConfiguration.clusterIdentifier",
        ),
        "query_workgroup": word_at(
            sql,
            "redshiftConfiguration.queryEngineConfiguration.serverlessConfiguration.workgroupArn",
        ),
    }


def _stored(answer: Answer, node: NodeId, store: Json) -> Iterator[Shaped]:
    """The index that the knowledge base writes and asks, and the secret that opens it."""
    vectors = member(store, "s3VectorsConfiguration")
    if index := _s3_index(vectors):
        yield from _index(answer, node, index, "s3 vector index", {})
    for kind, (name, flavour) in STORES.items():
        held = member(store, kind)
        if place := text(held, name):
            identifier = place if Arn.parse(place) else f"{flavour.split()[0]}:{place}"
            yield from _index(answer, node, identifier, flavour, held)


def _s3_index(vectors: Json) -> str | None:
    index, bucket, name = (
        text(vectors, part) for part in ("indexArn", "vectorBucketArn", "indexName")
    )
    return index or (f"{bucket}/index/{name}" if bucket and name else bucket)


def _index(
    answer: Answer, node: NodeId, identifier: str, flavour: str, held: Json
) -> Iterator[Node | Edge]:
    yield referenced(
        identifier,
        "VectorIndex",
        account=account_of(identifier),
        region=answer.region if account_of(identifier) else None,
        name=_name(identifier),
        flavour=flavour,
    )
    yield Edge("GROUNDED_ON", node, NodeId(identifier))
    if secret := text(held, "credentialsSecretArn"):
        yield _secret(secret)
        # The service reads and fills the index with it, so it opens both.
        for gain in ("READ", "WRITE"):
            yield Edge(
                "OPENS",
                NodeId(secret),
                NodeId(identifier),
                discriminator=gain,
                props={"gain": gain},
            )


def _name(identifier: str) -> str:
    """What an index is called: the last part of its ARN, or the address it has."""
    arn = Arn.parse(identifier)
    return arn.name if arn is not None else identifier.partition(":")[2]


def _secret(arn: str) -> Node:
    parsed = Arn.parse(arn)
    return referenced(
        arn,
        "Secret",
        account=account_of(arn),
        region=(parsed.region or None) if parsed else None,
        name=arn.rpartition(":")[2],
    )


def _kendra(answer: Answer, node: NodeId, config: Json) -> Iterator[Node | Edge]:
    if index := text(member(config, "kendraKnowledgeBaseConfiguration"), "kendraIndexArn"):
        yield from _index(answer, node, index, "kendra index", {})


def _queried(answer: Answer, node: NodeId, sql: Json) -> Iterator[Shaped]:
    """The catalog tables that are queried, and the secret that the query engine is opened with."""
    redshift = member(sql, "redshiftConfiguration")
    start = node_of(answer, "table", "", service="glue")
    for storage in rows(redshift, "storageConfigurations"):
        for name in texts(member(storage, "awsDataCatalogConfiguration"), "tableNames"):
            database, dot, table = name.partition(".")
            if not dot or not database or not table or "*" in name:
                yield Oddity(f"`{node}`", f"queries `{name}`, which names no single table")
                continue
            identifier = f"{start}{database}/{table}"
            yield referenced(
                identifier,
                "Dataset",
                account=answer.account,
                region=answer.region,
                name=name,
                flavour="table",
            )
            yield Edge("GROUNDED_ON", node, NodeId(identifier))
    engine = member(redshift, "queryEngineConfiguration")
    workgroup = text(member(engine, "serverlessConfiguration"), "workgroupArn")
    if workgroup:
        yield referenced(
            workgroup,
            "Dataset",
            account=account_of(workgroup),
            name=workgroup.rpartition("/")[2],
            flavour="redshift workgroup",
        )
        yield Edge("GROUNDED_ON", node, NodeId(workgroup))
    for secret in words(
        engine, "serverlessConfiguration.authConfiguration.usernamePasswordSecretArn"
    ):
        yield _secret(secret)
        if workgroup:
            yield Edge(
                "OPENS",
                NodeId(secret),
                NodeId(workgroup),
                certainty=Certainty.POSSIBLE,
                conditions=("what its user may read in the database is not known",),
                discriminator="READ",
                props={"gain": "READ"},
            )


def shape_sources(answer: Answer) -> Iterator[Shaped]:
    """The data sources of the knowledge base, by name and state."""
    held: dict[str, str | None] = {}
    for row in answer.each("dataSourceSummaries"):
        name = text(row, "dataSourceId")
        if name is None:
            yield Skipped(str(answer.key), "a data source has no `dataSourceId`")
            continue
        held |= {
            f"source:{name}": text(row, "name"),
            f"source:{name}:state": text(row, "status"),
        }
    if settings := told(held):
        node = node_of(answer, "knowledge-base", answer.argument)
        yield Node(node, "KnowledgeBase", {"settings": settings})


def shape_source(answer: Answer) -> Iterator[Shaped]:
    """What a data source reads, how it is transformed on the way, and the key it is kept under meanwhile."""
    for page in answer.pages:
        row = member(page, "dataSource")
        if not row:
            yield Skipped(str(answer.key), "it holds no `dataSource`")
            continue
        base, _, asked = answer.argument.partition(PART)
        node = node_of(answer, "knowledge-base", text(row, "knowledgeBaseId") or base)
        name = f"source:{text(row, 'dataSourceId') or asked}"
        key = word_at(row, "serverSideEncryptionConfiguration.kmsKeyArn")
        held = {f"{name}:{label}": value for label, value in _source(row).items()}
        held |= {name: text(row, "name"), f"{name}:key": key or "none"}
        yield Node(node, "KnowledgeBase", {"settings": told(held) or {}})
        yield Mention(Link.SOURCE_KEY, node, key or "")
        yield from _read(node, member(row, "dataSourceConfiguration"))
        # What the function leaves there is read back and indexed.
        for uri in words(
            row,
            "vectorIngestionConfiguration.customTransformationConfiguration.intermediateStorage.s3Location.uri",
        ):
            yield Mention(Link.GROUNDED_ON, node, uri, FOLDER)


def _source(row: Json) -> Mapping[str, str | None]:
    config, way = (
        member(row, "dataSourceConfiguration"),
        member(row, "vectorIngestionConfiguration"),
    )
    hosts = [url for kind, path in HOSTS.items() for url in words(member(config, kind), path)]
    secrets = [
        arn
        for kind in HOSTS
        for arn in words(member(config, kind), "sourceConfiguration.credentialsSecretArn")
    ]
    return {
        "type": text(config, "type"),
        "state": text(row, "status"),
        "deletion": text(row, "dataDeletionPolicy"),
        "bucket_owner": word_at(config, "s3Configuration.bucketOwnerAccountId"),
        "bucket": word_at(config, "s3Configuration.bucketArn"),
        "prefixes": word_at(config, "s3Configuration.inclusionPrefixes"),
        "hosts": ",".join(hosts),
        "scope": word_at(config, "webConfiguration.crawlerConfiguration.scope"),
        "secret": ",".join(secrets),
        "function": word_at(
            way,
            "customTransformationConfiguration.transformations.transformationFunction"
            ".transformationLambdaConfiguration.lambdaArn",
        ),
        "parsing": word_at(way, "parsingConfiguration.parsingStrategy"),
        "parsing_model": word_at(
            way, "parsingConfiguration.bedrockFoundationModelConfiguration.modelArn"
        ),
    }


def _read(node: NodeId, config: Json) -> Iterator[Mention | Oddity]:
    """The prefixes that are read; the whole bucket where none is named."""
    s3 = member(config, "s3Configuration")
    arn = text(s3, "bucketArn")
    if arn is None:
        return
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "s3" or "/" in parsed.resource:
        yield Oddity(f"`{node}`", f"reads `{arn}`, which is no bucket")
        return
    for prefix in texts(s3, "inclusionPrefixes") or ("",):
        yield Mention(Link.GROUNDED_ON, node, f"s3://{parsed.resource}/{prefix}", FOLDER)


_BASES = (Feed(f"{CLIENT}.list_knowledge_bases", "knowledgeBaseSummaries.knowledgeBaseId"),)

RESOURCES = (
    Resource(
        "aws.bedrock-knowledge-bases",
        "The knowledge bases of Bedrock.",
        regional(
            CLIENT,
            "list_knowledge_bases",
            "ListKnowledgeBases",
            items="knowledgeBaseSummaries",
            paginated=True,
        ),
        shape_bases,
    ),
    Resource(
        "aws.bedrock-knowledge-base-descriptions",
        "The role and index of a knowledge base.",
        regional(
            CLIENT,
            "get_knowledge_base",
            "GetKnowledgeBase",
            params={"knowledgeBaseId": "{item}"},
            subject=subject("knowledge-base"),
            feeds=_BASES,
        ),
        shape_base,
    ),
    Resource(
        "aws.bedrock-data-sources",
        "The data sources of a knowledge base.",
        regional(
            CLIENT,
            "list_data_sources",
            "ListDataSources",
            params={"knowledgeBaseId": "{item}"},
            subject=subject("knowledge-base"),
            items="dataSourceSummaries",
            paginated=True,
            feeds=_BASES,
        ),
        shape_sources,
    ),
    Resource(
        "aws.bedrock-data-source-descriptions",
        "What a data source reads.",
        regional(
            CLIENT,
            "get_data_source",
            "GetDataSource",
            params={"knowledgeBaseId": "{0}", "dataSourceId": "{1}"},
            subject=subject("knowledge-base", part="part0"),
            feeds=(
                Feed(f"{CLIENT}.list_data_sources", "dataSourceSummaries", ("^0", "dataSourceId")),
            ),
        ),
        shape_source,
    ),
)

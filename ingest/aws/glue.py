"""Glue: the data catalog with its policy and keys, its databases, and the tables in them.

Where Lake Formation governs the catalog, Glue shows a reader the databases and tables that it may describe and leaves
the others out without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Observation, PropValue, Role, canonical, digest
from ingest.aws.asset import listed, props, referenced, tag_props, told
from ingest.aws.names import partition_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, rows, string_map, text, texts, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

CATALOG = "glue catalog"
_SPARK_URI = re.compile(r"s3[an]://")
_NOBODY = frozenset({"owner", "hadoop"})
"""What crawlers and Hive write as the owner of a table when nobody said."""


def catalog_node(account: str, region: str) -> NodeId:
    """The node of the account's data catalog in the region."""
    return NodeId(f"arn:{partition_of(region)}:glue:{region}:{account}:catalog")


def database_node(name: str, *, account: str, region: str) -> NodeId:
    """The node of a database of the catalog."""
    return NodeId(f"arn:{partition_of(region)}:glue:{region}:{account}:database/{name}")


def table_node(database: str, name: str, *, account: str, region: str) -> NodeId:
    """The node of a table."""
    return NodeId(f"arn:{partition_of(region)}:glue:{region}:{account}:table/{database}/{name}")


def catalog(answer: Answer, **settings: str | None) -> Iterator[Shaped]:
    """The catalog that an answer is about, which every account has in every region, and what is said of it."""
    yield from listed(
        catalog_node(answer.account, answer.region),
        "Catalog",
        account=answer.account,
        region=answer.region,
        name=f"{CATALOG} of {answer.account} in {answer.region}",
        settings=told(**settings) or None,
    )


def permissions(row: Json, name: str) -> str | None:
    """Who gets what on everything new, as JSON; None where it was not told."""
    if not isinstance(row.get(name), list):
        return None
    return canonical(
        [
            {
                "principal": text(member(item, "Principal"), "DataLakePrincipalIdentifier") or "",
                "permissions": sorted(texts(item, "Permissions")),
            }
            for item in rows(row, name)
        ]
    )


def _place(uri: str) -> str:
    return _SPARK_URI.sub("s3://", uri, count=1) if _SPARK_URI.match(uri) else uri


def shape_databases(answer: Answer) -> Iterator[Shaped]:
    """The databases of the catalog; one of another account's catalog is only named."""
    for row in answer.each("DatabaseList"):
        name = text(row, "Name")
        if name is None:
            yield Skipped(str(answer.key), "a database has no name")
            continue
        account = text(row, "CatalogId") or answer.account
        node = database_node(name, account=account, region=answer.region)
        values = props(
            name=name,
            region=answer.region,
            created=moment(row, "CreateTime"),
            settings=_database_settings(row) or None,
        )
        if account != answer.account:
            stub = referenced(node, "Schema", account=account)
            yield Node(node, "Schema", {**stub.props, **values})
        else:
            yield from catalog(answer)
            values["platform"], values["account"] = "aws", account
            yield Node(node, "Schema", values)
            yield Edge("CONTAINS", catalog_node(account, answer.region), node)
        if uri := text(row, "LocationUri"):
            place = _place(uri)
            if place.startswith("s3://"):
                yield Mention(Link.NAMES, node, place, {"form": "folder"})


def _database_settings(row: Json) -> dict[str, str]:
    target, foreign = member(row, "TargetDatabase"), member(row, "FederatedDatabase")
    return told(
        catalog=text(row, "CatalogId"),
        location=text(row, "LocationUri"),
        default_table_permissions=permissions(row, "CreateTableDefaultPermissions"),
        link_to=canonical(string_map(row, "TargetDatabase")) if target else None,
        federated_from=text(foreign, "Identifier"),
        connection=text(foreign, "ConnectionName"),
    )


FIGURES = {"total_size": ("totalSize", "sizeKey"), "row_count": ("numRows", "recordCount")}
"""Observations of a table (bytes, rows), by the parameters that engines and crawlers write them to."""


def shape_tables(answer: Answer) -> Iterator[Shaped]:
    """The tables and views of a database; those that a link to another catalog shows are only named."""
    for row in answer.each("TableList"):
        name = text(row, "Name")
        if name is None:
            yield Skipped(str(answer.key), "a table has no name")
            continue
        database = text(row, "DatabaseName") or answer.argument
        account = text(row, "CatalogId") or answer.account
        node = table_node(database, name, account=account, region=answer.region)
        if account != answer.account:
            stub = referenced(node, "Dataset", account=account, region=answer.region)
            yield Node(node, "Dataset", {**stub.props, **_table(row, database)})
        else:
            held = {"platform": "aws", "account": account, "region": answer.region}
            holder = database_node(database, account=account, region=answer.region)
            yield referenced(holder, "Schema", account=account, name=database)
            yield Node(node, "Dataset", {**held, **_table(row, database)})
            yield Edge("CONTAINS", holder, node)
        yield from _stored(node, member(row, "StorageDescriptor"))
        for figure, names in FIGURES.items():
            if (value := _figure(row, *names)) is not None:
                yield Observation(node, figure, value)


def _table(row: Json, database: str) -> dict[str, PropValue]:
    owner = text(row, "Owner")
    said = owner if owner is not None and owner.lower() not in _NOBODY else None
    return props(
        name=f"{database}.{text(row, 'Name')}",
        flavour="view" if text(row, "TableType") == "VIRTUAL_VIEW" else "table",
        created=moment(row, "CreateTime"),
        last_changed=moment(row, "UpdateTime"),
        last_used=moment(row, "LastAccessTime"),
        owner=said,
        owner_basis="platform field" if said else None,
        owner_known=True if said else None,
        settings=_table_settings(row, database),
    )


def _table_settings(row: Json, database: str) -> dict[str, str]:
    stored = member(row, "StorageDescriptor")
    columns = [*rows(stored, "Columns"), *rows(row, "PartitionKeys")]
    target = member(row, "TargetTable")
    return told(
        database=database,
        table_type=text(row, "TableType"),
        format=text(member(row, "Parameters"), "classification"),
        location=text(stored, "Location"),
        columns=str(len(columns)) if columns else None,
        schema_hash=schema_hash(columns) if columns else None,
        lake_formation=word(flag(row, "IsRegisteredWithLakeFormation")),
        owner_field=text(row, "Owner"),
        created_by=text(row, "CreatedBy"),
        link_to=canonical(string_map(row, "TargetTable")) if target else None,
        federated_from=text(member(row, "FederatedTable"), "Identifier"),
        connection=text(member(row, "FederatedTable"), "ConnectionName"),
    )


def _figure(row: Json, *names: str) -> str | None:
    """The first of these parameters that is a count; -1 says that it is not known."""
    held = (text(member(row, "Parameters"), name) or "" for name in names)
    return next((value for value in held if value.isascii() and value.isdigit()), None)


def schema_hash(columns: list[Json]) -> str:
    """What equal columns have in common, whatever their order: names and types, in lower case."""
    pairs = sorted(
        ((text(row, "Name") or "").lower(), (text(row, "Type") or "").lower()) for row in columns
    )
    return digest("schema", *(part for pair in pairs for part in pair))


def _stored(node: NodeId, stored: Json) -> Iterator[Shaped]:
    for uri in (text(stored, "Location") or "", *texts(stored, "AdditionalLocations")):
        place = _place(uri)
        # Tables over connections write other places, such as the name of a table.
        if place.startswith("s3://"):
            yield Mention(Link.STORED_IN, node, place, {"form": "folder"})


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The catalog's policy, which covers its databases and tables; none where the answer has no pages."""
    for page in answer.pages:
        if not page:  # an answer that holds nothing at all holds no policy either
            continue
        if "PolicyInJson" not in page:
            yield Skipped(str(answer.key), "it holds no `PolicyInJson`")
            continue
        yield from catalog(answer)
        try:
            holder = catalog_node(answer.account, answer.region)
            yield from attached(holder, Role.RESOURCE, page.get("PolicyInJson"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of the catalog `{answer.key}`", str(error))


def shape_encryption(answer: Answer) -> Iterator[Shaped]:
    """How the catalog and the passwords of its connections are encrypted: what it holds are names, never data."""
    for page in answer.pages:
        if "DataCatalogEncryptionSettings" not in page:
            yield Skipped(str(answer.key), "it holds no `DataCatalogEncryptionSettings`")
            continue
        held = member(page, "DataCatalogEncryptionSettings")
        rest, password = (
            member(held, "EncryptionAtRest"),
            member(held, "ConnectionPasswordEncryption"),
        )
        yield from catalog(
            answer,
            encryption=text(rest, "CatalogEncryptionMode"),
            key=text(rest, "SseAwsKmsKeyId"),
            key_role=text(rest, "CatalogEncryptionServiceRole"),
            passwords_encrypted=word(flag(password, "ReturnConnectionPasswordEncrypted")),
            password_key=text(password, "AwsKmsKeyId"),
        )
        if text(rest, "CatalogEncryptionMode") == "DISABLED":
            yield Node(catalog_node(answer.account, answer.region), "Catalog", {"cmk": False})


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The tags of a database."""
    for page in answer.pages:
        if "Tags" not in page:
            yield Skipped(str(answer.key), "it holds no `Tags`")
            continue
        node = database_node(answer.argument, account=answer.account, region=answer.region)
        yield Node(node, "Schema", tag_props(string_map(page, "Tags")))


_DATABASES = (Feed("glue.get_databases", "DatabaseList.Name"),)
_DATABASE = "arn:{partition}:glue:{region}:{account}:database/{item}"

RESOURCES = (
    Resource(
        "aws.glue-databases",
        "The databases of the data catalog.",
        Call(
            "glue",
            "get_databases",
            "glue:GetDatabases",
            regional=True,
            items="DatabaseList",
            paginated=True,
        ),
        shape_databases,
    ),
    Resource(
        "aws.glue-tables",
        "The tables of a database of the data catalog.",
        Call(
            "glue",
            "get_tables",
            "glue:GetTables",
            regional=True,
            items="TableList",
            params={"DatabaseName": "{item}"},
            feeds=_DATABASES,
            paginated=True,
            subject=_DATABASE,
            veils=("TableList.Parameters:secrets", "TableList.StorageDescriptor:secrets"),
        ),
        shape_tables,
    ),
    Resource(
        "aws.glue-catalog-policies",
        "The policy of the data catalog.",
        Call(
            "glue",
            "get_resource_policy",
            "glue:GetResourcePolicy",
            regional=True,
            known_none=frozenset({"EntityNotFoundException"}),
        ),
        shape_policy,
    ),
    Resource(
        "aws.glue-catalog-encryption",
        "How the data catalog is encrypted.",
        Call(
            "glue",
            "get_data_catalog_encryption_settings",
            "glue:GetDataCatalogEncryptionSettings",
            regional=True,
        ),
        shape_encryption,
    ),
    Resource(
        "aws.glue-database-tags",
        "The tags of a database of the data catalog.",
        Call(
            "glue",
            "get_tags",
            "glue:GetTags",
            regional=True,
            params={"ResourceArn": _DATABASE},
            feeds=_DATABASES,
            subject=_DATABASE,
            tells_tags=True,
        ),
        shape_tags,
    ),
)

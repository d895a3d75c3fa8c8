"""Lake Formation: who administers the data lake, what it gives to whom, which places it governs, and its tags.

A permission is attached, as a grant, to the table, the database or else the catalog that it is on, in the service's
own words. The service answers fully only to its administrators (check): any other reader sees the permissions that
concern itself, and is not told that there are more. So what is read here can show access, and never its absence.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Attachment, Document, NodeId, Role, canonical
from ingest.aws.asset import lacking, referenced, told
from ingest.aws.glue import catalog, catalog_node, database_node, permissions, table_node
from ingest.aws.names import Arn
from ingest.fields import Json, flag, member, moment, rows, string_map, text, texts, word
from ingest.source import Answer, Call, Link, Mention, Resource, Shaped, Skipped

REGISTERED = "registered:"
LAKE_TAG = "lake_tag:"


def _principals(row: Json, name: str) -> str | None:
    """Principals of a list as JSON; None where it was not told."""
    if not isinstance(row.get(name), list):
        return None
    found = (text(item, "DataLakePrincipalIdentifier") for item in rows(row, name))
    return canonical(sorted(filter(None, found)))


def shape_settings(answer: Answer) -> Iterator[Shaped]:
    """Who administers the lake, and what everyone gets on what is created from now on."""
    if lost := lacking(answer, "DataLakeSettings"):
        yield lost
        return
    for page in answer.pages:
        held = member(page, "DataLakeSettings")
        owners = texts(held, "TrustedResourceOwners")
        yield from catalog(
            answer,
            lake_admins=_principals(held, "DataLakeAdmins"),
            lake_readers=_principals(held, "ReadOnlyAdmins"),
            default_database_permissions=permissions(held, "CreateDatabaseDefaultPermissions"),
            default_table_permissions=permissions(held, "CreateTableDefaultPermissions"),
            external_filtering=word(flag(held, "AllowExternalDataFiltering")),
            external_filtering_for=_principals(held, "ExternalDataFilteringAllowList"),
            external_full_access=word(flag(held, "AllowFullTableExternalDataAccess")),
            trusted_owners=",".join(sorted(owners)),
            session_tags=",".join(sorted(texts(held, "AuthorizedSessionTagValueList"))),
            parameters=canonical(string_map(held, "Parameters")) if "Parameters" in held else None,
        )


_SAID = (
    "Principal",
    "Resource",
    "Permissions",
    "PermissionsWithGrantOption",
    "Condition",
    "AdditionalDetails",
)


def shape_permissions(answer: Answer) -> Iterator[Shaped]:
    """Each permission as a grant at what it is on; names tell apart what one principal has on parts of it."""
    for row in answer.each("PrincipalResourcePermissions"):
        principal = text(member(row, "Principal"), "DataLakePrincipalIdentifier")
        resource = member(row, "Resource")
        if principal is None or not resource:
            yield Skipped(str(answer.key), "a permission has no principal or no resource")
            continue
        said = {name: row[name] for name in _SAID if name in row}
        document = Document.of(canonical(said))
        yield document
        node, kind = _on(resource, answer)
        if kind == "Catalog":
            yield from catalog(answer)
        else:
            arn = Arn.parse(node)
            yield referenced(node, kind, account=arn.account if arn else None, region=answer.region)
        name = f"{principal} on {canonical(resource)}"
        yield Attachment(node, Role.GRANT, name=name, document=document.hash)


def _on(resource: Json, answer: Answer) -> tuple[NodeId, str]:
    """What a permission is on: a table, a database, or the catalog for all that no node stands for."""
    region = answer.region
    for name in ("Table", "TableWithColumns", "DataCellsFilter"):
        row = member(resource, name)
        account = text(row, "CatalogId") or text(row, "TableCatalogId") or answer.account
        database = text(row, "DatabaseName")
        table = text(row, "TableName") or (text(row, "Name") if name != "DataCellsFilter" else None)
        if database is not None and table is not None and "TableWildcard" not in row:
            return table_node(database, table, account=account, region=region), "Dataset"
        if database is not None:
            return database_node(database, account=account, region=region), "Schema"
    row = member(resource, "Database")
    if database := text(row, "Name"):
        account = text(row, "CatalogId") or answer.account
        return database_node(database, account=account, region=region), "Schema"
    return catalog_node(answer.account, region), "Catalog"


def shape_places(answer: Answer) -> Iterator[Shaped]:
    """The places in S3 that the lake governs, each with the role that it reads them by."""
    settings: dict[str, str] = {}
    node = catalog_node(answer.account, answer.region)
    places = []
    for row in answer.each("ResourceInfoList"):
        arn = text(row, "ResourceArn")
        if arn is None:
            yield Skipped(str(answer.key), "a registered place has no ARN")
            continue
        settings[f"{REGISTERED}{arn}"] = canonical(
            told(
                role=text(row, "RoleArn"),
                hybrid=word(flag(row, "HybridAccessEnabled")),
                federation=word(flag(row, "WithFederation")),
                privileged=word(flag(row, "WithPrivilegedAccess")),
                verified=text(row, "VerificationStatus"),
                owner=text(row, "ExpectedResourceOwnerAccount"),
                changed=moment(row, "LastModified"),
            )
        )
        _, found, place = arn.partition(":s3:::")
        if found:
            places.append(f"s3://{place}")
    if settings:
        yield from catalog(answer, **settings)
    for place in places:
        yield Mention(Link.NAMES, node, place, {"form": "folder"})


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The tags that permissions may be given by, with the values that each may have."""
    settings: dict[str, str] = {}
    for row in answer.each("LFTags"):
        key = text(row, "TagKey")
        if key is None or not isinstance(row.get("TagValues"), list):
            yield Skipped(str(answer.key), "a tag of the lake has no key or no values")
            continue
        owner = text(row, "CatalogId")
        name = f"{owner}/{key}" if owner not in {None, answer.account} else key
        settings[f"{LAKE_TAG}{name}"] = canonical(sorted(texts(row, "TagValues")))
    if settings:
        yield from catalog(answer, **settings)


RESOURCES = (
    Resource(
        "aws.lake-settings",
        "Who administers the data lake.",
        Call(
            "lakeformation",
            "get_data_lake_settings",
            "lakeformation:GetDataLakeSettings",
            regional=True,
        ),
        shape_settings,
    ),
    Resource(
        "aws.lake-permissions",
        "What the data lake gives to whom.",
        Call(
            "lakeformation",
            "list_permissions",
            "lakeformation:ListPermissions",
            regional=True,
            items="PrincipalResourcePermissions",
            token=("NextToken", "NextToken"),
        ),
        shape_permissions,
    ),
    Resource(
        "aws.lake-places",
        "The places that the data lake governs.",
        Call(
            "lakeformation",
            "list_resources",
            "lakeformation:ListResources",
            regional=True,
            items="ResourceInfoList",
            token=("NextToken", "NextToken"),
        ),
        shape_places,
    ),
    Resource(
        "aws.lake-tags",
        "The tags of the data lake.",
        Call(
            "lakeformation",
            "list_lf_tags",
            "lakeformation:ListLFTags",
            regional=True,
            items="LFTags",
            paginated=True,
        ),
        shape_tags,
    ),
)

"""ECR: repositories with their policies and tags, and the images in them as counted facts.

A repository is the node: what may be pushed, pulled and granted stands at it, and workloads name it. Its images come
and go with every build, so they are observations of the repository and not nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Node, NodeId, Observation, Role, canonical
from ingest.aws.asset import lacking, listed, props, tag_props, told
from ingest.aws.images import FLAVOUR, TAG_MUTABILITY
from ingest.aws.names import partition_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, rows, tag_map, text, texts, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

_CIPHERS = frozenset({"AES256", "KMS", "KMS_DSSE"})
"""How a repository may be encrypted; without a key of its own each means the vendor's."""


def repository_node(name: str, *, account: str, region: str) -> NodeId:
    """The node of the repository with this name."""
    return NodeId(f"arn:{partition_of(region)}:ecr:{region}:{account}:repository/{name}")


def _named(answer: Answer, name: str) -> NodeId:
    return repository_node(name, account=answer.account, region=answer.region)


def shape_repositories(answer: Answer) -> Iterator[Shaped]:
    """The repositories of the account in the region."""
    for row in answer.each("repositories"):
        name = text(row, "repositoryName")
        arn = text(row, "repositoryArn") or (_named(answer, name) if name else None)
        if arn is None:
            yield Skipped(str(answer.key), "a repository has no ARN and no name")
            continue
        held = member(row, "encryptionConfiguration")
        cipher, key = text(held, "encryptionType"), text(held, "kmsKey")
        yield from listed(
            arn,
            "Image",
            account=answer.account,
            region=answer.region,
            name=name,
            flavour=FLAVOUR,
            uri=text(row, "repositoryUri"),
            created=moment(row, "createdAt"),
            cmk=False if cipher in _CIPHERS and key is None else None,
            settings=_settings(row, cipher) or None,
        )
        if key is not None:
            yield Mention(Link.KEY, NodeId(arn), key)


def _settings(row: Json, cipher: str | None) -> dict[str, str]:
    excepted = [text(item, "filter") for item in rows(row, "imageTagMutabilityExclusionFilters")]
    return told(
        **{TAG_MUTABILITY: text(row, "imageTagMutability")},
        tag_mutability_except=",".join(sorted(filter(None, excepted))),
        scan_on_push=word(flag(member(row, "imageScanningConfiguration"), "scanOnPush")),
        encryption=cipher,
    )


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who else may use the repository; none where the answer has no pages."""
    if lost := lacking(answer, "policyText"):
        yield lost
        return
    for page in answer.pages:
        try:
            node = _named(answer, answer.argument)
            yield from attached(node, Role.RESOURCE, page.get("policyText"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of repository `{answer.argument}`", str(error))


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The repository's tags."""
    if lost := lacking(answer, "tags"):
        yield lost
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= tag_map(page, "tags")
    yield Node(NodeId(answer.argument), "Image", tag_props(tags))


def shape_images(answer: Answer) -> Iterator[Shaped]:
    """The images of the repository by digest, how many they are, and when one was last pushed and pulled."""
    node = _named(answer, answer.argument)
    found: dict[str, str] = {}
    pushed, pulled = [], []
    for row in answer.each("imageDetails"):
        digest = text(row, "imageDigest")
        if digest is None:
            yield Skipped(str(answer.key), "an image has no digest")
            continue
        pushed.append(moment(row, "imagePushedAt") or "")
        pulled.append(moment(row, "lastRecordedPullTime") or "")
        summary = member(row, "imageScanFindingsSummary")
        found[digest] = canonical(
            told(
                tags=",".join(sorted(texts(row, "imageTags"))),
                pushed=pushed[-1],
                pulled=pulled[-1],
                status=text(row, "imageStatus"),
                scan=text(member(row, "imageScanStatus"), "status"),
                findings=_counted(member(summary, "findingSeverityCounts")),
            )
        )
    if found:
        yield Observation(node, "images", found)
    if answer.pages:
        yield Observation(node, "image_count", len(found))
    yield Node(
        node,
        "Image",
        props(
            last_changed=max(pushed, default="") or None, last_used=max(pulled, default="") or None
        ),
    )


def _counted(counts: Mapping[str, object]) -> str:
    return ",".join(
        f"{level}={count}" for level, count in sorted(counts.items()) if isinstance(count, int)
    )


def shape_scan(answer: Answer) -> Iterator[Shaped]:
    """How many findings of each severity the last scan of an image has; nothing where it was not scanned."""
    name, _, digest = answer.argument.partition("|")
    node = _named(answer, name)
    for page in answer.pages[:1]:
        held = member(page, "imageScanFindings")
        counts = {
            level: str(count)
            for level, count in member(held, "findingSeverityCounts").items()
            if isinstance(count, int)
        }
        status = text(member(page, "imageScanStatus"), "status")
        scanned = moment(held, "imageScanCompletedAt")
        said = {**counts, **told(status=status, scanned=scanned)}
        if said:
            yield Observation(node, f"findings {digest}", said)


def _per_repository(method: str, permission: str, **rest: object) -> Call:
    return Call(
        "ecr",
        method,
        f"ecr:{permission}",
        regional=True,
        params={"repositoryName": "{item}"},
        feeds=(Feed("ecr.describe_repositories", "repositories.repositoryName"),),
        subject="arn:{partition}:ecr:{region}:{account}:repository/{item}",
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.image-repositories",
        "The image repositories of the account.",
        Call(
            "ecr",
            "describe_repositories",
            "ecr:DescribeRepositories",
            regional=True,
            items="repositories",
            paginated=True,
        ),
        shape_repositories,
    ),
    Resource(
        "aws.image-repository-policies",
        "Who else may use an image repository.",
        _per_repository(
            "get_repository_policy",
            "GetRepositoryPolicy",
            known_none=frozenset({"RepositoryPolicyNotFoundException"}),
        ),
        shape_policy,
    ),
    Resource(
        "aws.image-repository-tags",
        "The tags of an image repository.",
        Call(
            "ecr",
            "list_tags_for_resource",
            "ecr:ListTagsForResource",
            regional=True,
            params={"resourceArn": "{item}"},
            feeds=(Feed("ecr.describe_repositories", "repositories.repositoryArn"),),
            subject="{item}",
            tells_tags=True,
        ),
        shape_tags,
    ),
    Resource(
        "aws.images",
        "The images in a repository.",
        _per_repository("describe_images", "DescribeImages", items="imageDetails", paginated=True),
        shape_images,
    ),
    Resource(
        "aws.image-scans",
        "What the scan of a tagged image found, as counts.",
        Call(
            "ecr",
            "describe_image_scan_findings",
            "ecr:DescribeImageScanFindings",
            regional=True,
            # One page with one finding is enough: the counts, which stand on every page, are all that is kept.
            params={
                "repositoryName": "{0}",
                "imageId": {"imageDigest": "{1}", "imageTag": "{imageTags}"},
                "maxResults": 1,
            },
            # An image that no tag names is not asked about: repositories keep thousands of them.
            feeds=(
                Feed(
                    "ecr.describe_images",
                    "imageDetails",
                    ("^0", "imageDigest"),
                    carry=("imageTags",),
                ),
            ),
            known_none=frozenset({"ScanNotFoundException"}),
            subject="arn:{partition}:ecr:{region}:{account}:repository/{part0}",
        ),
        shape_scan,
    ),
)

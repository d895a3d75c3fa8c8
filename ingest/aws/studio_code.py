"""Code that SageMaker notebooks start with: Studio lifecycle scripts, and the Git repositories the account names."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import props, referenced
from ingest.aws.names import Arn, account_of
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.fields import member, text
from ingest.source import Answer, Feed, Resource, Shaped
from ingest.veils import digest

SCRIPT = "studio lifecycle configuration"
REPOSITORY = "sagemaker code repository"


def script_stub(arn: str) -> Node:
    """The start-up script of this ARN as whoever runs it names it."""
    parsed = Arn.parse(arn)
    return referenced(
        arn,
        "Code",
        account=account_of(arn),
        region=parsed.region if parsed is not None else None,
        name=arn.rpartition("/")[2],
        flavour=SCRIPT,
    )


def shape_scripts(answer: Answer) -> Iterator[Shaped]:
    """The start-up scripts of Studio apps, and the app type each is for."""
    word = "StudioLifecycleConfig"
    yield from Listing(f"{word}s", word, "Code", SCRIPT).shape(answer)
    for row in answer.each(f"{word}s"):
        arn, app = text(row, f"{word}Arn"), text(row, f"{word}AppType")
        if arn is not None and app is not None:
            yield Node(NodeId(arn), "Code", {"settings": {"app_type": app}})


def shape_script(answer: Answer) -> Iterator[Shaped]:
    """The hash of a start-up script, never its content."""
    for page in answer.pages:
        content = text(page, "StudioLifecycleConfigContent")
        if content is None:
            continue
        node = text(page, "StudioLifecycleConfigArn") or node_of(
            answer, "studio-lifecycle-config", answer.argument
        )
        yield Node(NodeId(node), "Code", {"hash": digest(content)})


def shape_repositories(answer: Answer) -> Iterator[Shaped]:
    """The Git repositories that notebooks of the account may name."""
    items, word = "CodeRepositorySummaryList", "CodeRepository"
    yield from Listing(items, word, "Code", REPOSITORY).shape(answer)
    for row in answer.each(items):
        arn, git = text(row, f"{word}Arn"), member(row, "GitConfig")
        if arn is None:
            continue
        held = {"branch": text(git, "Branch"), "secret": text(git, "SecretArn")}
        settings = {name: value for name, value in held.items() if value}
        values = props(uri=text(git, "RepositoryUrl"), settings=settings or None)
        if values:
            yield Node(NodeId(arn), "Code", values)


RESOURCES = (
    Resource(
        "aws.studio-scripts",
        "The start-up scripts of Studio apps.",
        region_call(
            "list_studio_lifecycle_configs",
            "ListStudioLifecycleConfigs",
            items="StudioLifecycleConfigs",
            paginated=True,
        ),
        shape_scripts,
    ),
    Resource(
        "aws.studio-script-descriptions",
        "The hash of the start-up script of Studio apps.",
        region_call(
            "describe_studio_lifecycle_config",
            "DescribeStudioLifecycleConfig",
            params={"StudioLifecycleConfigName": "{item}"},
            subject=ARN.format(form="studio-lifecycle-config"),
            feeds=(
                Feed(
                    "sagemaker.list_studio_lifecycle_configs",
                    "StudioLifecycleConfigs.StudioLifecycleConfigName",
                ),
            ),
            veils=("StudioLifecycleConfigContent:digest",),  # scripts hold secrets all too often
        ),
        shape_script,
    ),
    Resource(
        "aws.code-repositories",
        "The Git repositories that notebooks of the account may name.",
        region_call(
            "list_code_repositories",
            "ListCodeRepositories",
            items="CodeRepositorySummaryList",
            paginated=True,
        ),
        shape_repositories,
    ),
)

"""SageMaker notebooks: instances, the scripts they start with, and the tags of all SageMaker resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Certainty, Edge, Node, NodeId
from ingest.aws.asset import lacking, listed, props, referenced, tag_props
from ingest.aws.names import Arn, account_of, partition_of
from ingest.fields import Json, member, moment, rows, tag_map, text, texts
from ingest.source import Answer, Call, Feed, Link, Mention, Oddity, Resource, Shaped, Skipped
from ingest.veils import digest

NOTEBOOK = "sagemaker notebook instance"
LIFECYCLE = "sagemaker notebook lifecycle configuration"
KIND_OF = {
    "automl-job": "Job",
    "cluster": "Cluster",
    "code-repository": "Code",
    "compilation-job": "Job",
    "data-quality-job-definition": "Job",
    "domain": "Workspace",
    "endpoint": "Endpoint",
    "feature-group": "FeatureStore",
    "hub": "Registry",
    "hyper-parameter-tuning-job": "Job",
    "labeling-job": "Job",
    "mlflow-app": "Service",
    "mlflow-tracking-server": "Service",
    "model": "ModelVersion",
    "model-bias-job-definition": "Job",
    "model-explainability-job-definition": "Job",
    "model-package-group": "Model",
    "model-quality-job-definition": "Job",
    "monitoring-schedule": "Schedule",
    "notebook-instance": "Notebook",
    "partner-app": "Service",
    "pipeline": "Pipeline",
    "processing-job": "Job",
    "space": "Notebook",
    "studio-lifecycle-config": "Code",
    "training-job": "Job",
    "transform-job": "Job",
    "user-profile": "Notebook",
}
"""The kind of node that each type of SageMaker ARN is."""

ARN = "arn:{{partition}}:sagemaker:{{region}}:{{account}}:{form}/{{item}}"
"""What a call about one SageMaker resource of this form asks about."""

GONE = frozenset({"Deleting", "Failed"})


def node_of(answer: Answer, form: str, name: str) -> NodeId:
    """The node of the resource of this type and name where the call was made."""
    partition = partition_of(answer.region)
    return NodeId(f"arn:{partition}:sagemaker:{answer.region}:{answer.account}:{form}/{name}")


def runs_as(node: NodeId, role: str) -> Iterator[Node | Edge]:
    """The workload acts as the role, which its own account lists or nobody does; what is no ARN names no role."""
    if Arn.parse(role) is None:
        return
    yield referenced(role, "Role", account=account_of(role))
    yield Edge("RUNS_AS", node, NodeId(role))


def region_call(method: str, permission: str, **rest: object) -> Call:
    """A SageMaker call; all are regional."""
    return Call(
        "sagemaker",
        method,
        f"sagemaker:{permission}",
        regional=True,
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


@dataclass(frozen=True, slots=True)
class Listing:
    """How a SageMaker listing spells what it lists: `word` starts the names of its members."""

    items: str
    word: str
    kind: str
    flavour: str

    def shape(self, answer: Answer) -> Iterator[Shaped]:
        """The nodes of the listing: their names, states and times."""
        for row in answer.each(self.items):
            identifier = text(row, f"{self.word}Arn")
            if identifier is None:
                yield Skipped(str(answer.key), f"an item of `{self.items}` has no `{self.word}Arn`")
                continue
            yield from listed(
                identifier,
                self.kind,
                account=answer.account,
                region=answer.region,
                name=text(row, f"{self.word}Name"),
                flavour=self.flavour,
                state=text(row, f"{self.word}Status"),
                created=moment(row, "CreationTime"),
                last_changed=moment(row, "LastModifiedTime"),
            )


def shape_notebooks(answer: Answer) -> Iterator[Shaped]:
    """The notebook instances of the account in the region."""
    listing = Listing("NotebookInstances", "NotebookInstance", "Notebook", NOTEBOOK)
    yield from listing.shape(answer)


def shape_notebook(answer: Answer) -> Iterator[Shaped]:
    """What the notebook runs as, what it runs when it starts, and how it is set up."""
    for page in answer.pages:
        node = NodeId(
            text(page, "NotebookInstanceArn")
            or node_of(answer, "notebook-instance", answer.argument)
        )
        state = text(page, "NotebookInstanceStatus")
        direct = text(page, "DirectInternetAccess")
        root = text(page, "RootAccess")
        yield Node(
            node,
            "Notebook",
            props(
                state=state,
                reruns=None if state is None else state not in GONE,  # a stopped one starts again
                root=None if root is None else root == "Enabled",
                internet_reachable=None if direct is None else direct == "Enabled",
                private_only=text(page, "SubnetId") is not None,
                cmk=False if text(page, "KmsKeyId") is None else None,
                settings=_notebook_settings(page) or None,
            ),
        )
        if role := text(page, "RoleArn"):
            yield from runs_as(node, role)
        if key := text(page, "KmsKeyId"):
            yield Mention(Link.KEY, node, key)
        if name := text(page, "NotebookInstanceLifecycleConfigName"):
            code = node_of(answer, "notebook-instance-lifecycle-config", name)
            yield referenced(
                code,
                "Code",
                account=answer.account,
                region=answer.region,
                name=name,
                flavour=LIFECYCLE,
            )
            yield Edge("EXECUTES", node, code)
        yield from _repositories(answer, page, node)


def _notebook_settings(page: Json) -> dict[str, str]:
    held = {
        "direct_internet_access": text(page, "DirectInternetAccess"),
        "root_access": text(page, "RootAccess"),
        "subnet": text(page, "SubnetId"),
        "security_groups": ",".join(texts(page, "SecurityGroups")),
        "instance_type": text(page, "InstanceType"),
        "platform": text(page, "PlatformIdentifier"),
        "url": text(page, "Url"),
        "metadata_service": text(
            member(page, "InstanceMetadataServiceConfiguration"),
            "MinimumInstanceMetadataServiceVersion",
        ),
        "code_repository": text(page, "DefaultCodeRepository"),
        "more_code_repositories": ",".join(texts(page, "AdditionalCodeRepositories")),
    }
    return {name: value for name, value in held.items() if value}


def _repositories(answer: Answer, page: Json, node: NodeId) -> Iterator[Shaped]:
    """The repositories of the account that the notebook clones: by name, where others come by address.

    What is cloned lies in the notebook's home; whether anything runs it is its user's doing.
    """
    named = (text(page, "DefaultCodeRepository"), *texts(page, "AdditionalCodeRepositories"))
    for name in dict.fromkeys(name for name in named if name and "/" not in name):
        code = node_of(answer, "code-repository", name)
        yield referenced(code, "Code", account=answer.account, region=answer.region, name=name)
        yield Edge(
            "EXECUTES",
            node,
            code,
            certainty=Certainty.POSSIBLE,
            conditions=("the notebook's user runs what was cloned",),
        )


def shape_lifecycles(answer: Answer) -> Iterator[Shaped]:
    """The scripts of the account, those included that no notebook starts with."""
    word = "NotebookInstanceLifecycleConfig"
    yield from Listing(f"{word}s", word, "Code", LIFECYCLE).shape(answer)


def shape_lifecycle(answer: Answer) -> Iterator[Shaped]:
    """The scripts that notebooks run as root: their hash, never their content."""
    for page in answer.pages:
        name = text(page, "NotebookInstanceLifecycleConfigName") or answer.argument
        scripts = [
            f"{hook}:{digest(text(script, 'Content') or '')}"
            for hook in ("OnCreate", "OnStart")
            for script in rows(page, hook)
        ]
        yield from listed(
            text(page, "NotebookInstanceLifecycleConfigArn")
            or node_of(answer, "notebook-instance-lifecycle-config", name),
            "Code",
            account=answer.account,
            region=answer.region,
            name=name,
            flavour=LIFECYCLE,
            hash=digest("\n".join(scripts)),
            created=moment(page, "CreationTime"),
            last_changed=moment(page, "LastModifiedTime"),
        )


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The tags of one resource, where it is of a kind that is a node."""
    if lacking(answer, "Tags"):
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= tag_map(page, "Tags")
    arn = Arn.parse(answer.argument)
    if arn is None:
        yield Oddity(str(answer.key), "tags were asked of something that is no ARN")
        return
    kind = KIND_OF.get(arn.resource.partition("/")[0])
    if kind is not None:
        yield Node(NodeId(answer.argument), kind, tag_props(tags))


RESOURCES = (
    Resource(
        "aws.notebooks",
        "The notebook instances of the account.",
        region_call(
            "list_notebook_instances",
            "ListNotebookInstances",
            items="NotebookInstances",
            paginated=True,
        ),
        shape_notebooks,
    ),
    Resource(
        "aws.notebook-descriptions",
        "The role, network, key and start-up script of a notebook instance.",
        region_call(
            "describe_notebook_instance",
            "DescribeNotebookInstance",
            params={"NotebookInstanceName": "{item}"},
            subject=ARN.format(form="notebook-instance"),
            feeds=(
                Feed("sagemaker.list_notebook_instances", "NotebookInstances.NotebookInstanceName"),
            ),
        ),
        shape_notebook,
    ),
    Resource(
        "aws.notebook-script-names",
        "The scripts that notebook instances of the account may start with.",
        region_call(
            "list_notebook_instance_lifecycle_configs",
            "ListNotebookInstanceLifecycleConfigs",
            items="NotebookInstanceLifecycleConfigs",
            paginated=True,
        ),
        shape_lifecycles,
    ),
    Resource(
        "aws.notebook-scripts",
        "The script that notebook instances run when they are made and started.",
        region_call(
            "describe_notebook_instance_lifecycle_config",
            "DescribeNotebookInstanceLifecycleConfig",
            params={"NotebookInstanceLifecycleConfigName": "{item}"},
            subject=ARN.format(form="notebook-instance-lifecycle-config"),
            feeds=(
                Feed(
                    "sagemaker.list_notebook_instance_lifecycle_configs",
                    "NotebookInstanceLifecycleConfigs.NotebookInstanceLifecycleConfigName",
                ),
                Feed("sagemaker.describe_notebook_instance", "NotebookInstanceLifecycleConfigName"),
            ),
            veils=("OnCreate.Content:digest", "OnStart.Content:digest"),  # as for Studio's
        ),
        shape_lifecycle,
    ),
    Resource(
        "aws.sagemaker-tags",
        "The tags of a SageMaker resource.",
        region_call(
            "list_tags",
            "ListTags",
            params={"ResourceArn": "{item}"},
            subject="{item}",
            tells_tags=True,
            items="Tags",
            paginated=True,
            feeds=(
                Feed("sagemaker.describe_space", "SpaceArn"),  # listings of these give no ARN
                Feed("sagemaker.describe_user_profile", "UserProfileArn"),
                Feed("sagemaker.list_auto_ml_jobs", "AutoMLJobSummaries.AutoMLJobArn"),
                Feed("sagemaker.list_clusters", "ClusterSummaries.ClusterArn"),
                Feed(
                    "sagemaker.list_code_repositories",
                    "CodeRepositorySummaryList.CodeRepositoryArn",
                ),
                Feed(
                    "sagemaker.list_compilation_jobs", "CompilationJobSummaries.CompilationJobArn"
                ),
                Feed(
                    "sagemaker.list_data_quality_job_definitions",
                    "JobDefinitionSummaries.MonitoringJobDefinitionArn",
                ),
                Feed("sagemaker.list_domains", "Domains.DomainArn"),
                Feed("sagemaker.list_endpoints", "Endpoints.EndpointArn"),
                Feed("sagemaker.list_feature_groups", "FeatureGroupSummaries.FeatureGroupArn"),
                Feed("sagemaker.list_hubs", "HubSummaries.HubArn"),
                Feed(
                    "sagemaker.list_hyper_parameter_tuning_jobs",
                    "HyperParameterTuningJobSummaries.HyperParameterTuningJobArn",
                ),
                Feed("sagemaker.list_labeling_jobs", "LabelingJobSummaryList.LabelingJobArn"),
                Feed("sagemaker.list_mlflow_apps", "Summaries.Arn"),
                Feed(
                    "sagemaker.list_mlflow_tracking_servers",
                    "TrackingServerSummaries.TrackingServerArn",
                ),
                Feed(
                    "sagemaker.list_model_bias_job_definitions",
                    "JobDefinitionSummaries.MonitoringJobDefinitionArn",
                ),
                Feed(
                    "sagemaker.list_model_explainability_job_definitions",
                    "JobDefinitionSummaries.MonitoringJobDefinitionArn",
                ),
                Feed(
                    "sagemaker.list_model_package_groups",
                    "ModelPackageGroupSummaryList.ModelPackageGroupArn",
                ),
                Feed(
                    "sagemaker.list_model_quality_job_definitions",
                    "JobDefinitionSummaries.MonitoringJobDefinitionArn",
                ),
                Feed("sagemaker.list_models", "Models.ModelArn"),
                Feed(
                    "sagemaker.list_monitoring_schedules",
                    "MonitoringScheduleSummaries.MonitoringScheduleArn",
                ),
                Feed("sagemaker.list_notebook_instances", "NotebookInstances.NotebookInstanceArn"),
                Feed("sagemaker.list_partner_apps", "Summaries.Arn"),
                Feed("sagemaker.list_pipelines", "PipelineSummaries.PipelineArn"),
                Feed("sagemaker.list_processing_jobs", "ProcessingJobSummaries.ProcessingJobArn"),
                Feed(
                    "sagemaker.list_studio_lifecycle_configs",
                    "StudioLifecycleConfigs.StudioLifecycleConfigArn",
                ),
                Feed("sagemaker.list_training_jobs", "TrainingJobSummaries.TrainingJobArn"),
                Feed("sagemaker.list_transform_jobs", "TransformJobSummaries.TransformJobArn"),
            ),
        ),
        shape_tags,
    ),
)

"""Notebooks, models, endpoints, training jobs and functions, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sample.estate.names import IMAGES, REGION, function_arn, sagemaker_arn

SKLEARN = f"{IMAGES}.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = f"{IMAGES}.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"


def own_image(account: str, repository: str, tag: str) -> str:
    """The URI of an image in the account's own registry, by its tag or digest."""
    joint = "@" if tag.startswith("sha256:") else ":"
    return f"{account}.dkr.ecr.{REGION}.amazonaws.com/{repository}{joint}{tag}"


@dataclass(frozen=True, slots=True)
class Asset:
    """What all workloads share."""

    account: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    age: float = 120


@dataclass(frozen=True, slots=True)
class Notebook(Asset):
    """A notebook instance; `changed` is the number of days since its last change."""

    role: str = ""
    status: str = "InService"
    lifecycle: str | None = None
    instance: str = "ml.t3.large"
    internet: bool = False
    root: bool = False
    key: str | None = None
    changed: float = 6

    @property
    def arn(self) -> str:
        """The notebook instance's ARN."""
        return sagemaker_arn(self.account, "notebook-instance", self.name)


@dataclass(frozen=True, slots=True)
class Lifecycle(Asset):
    """A lifecycle configuration with the script that runs at each start."""

    script: str = ""

    @property
    def arn(self) -> str:
        """The lifecycle configuration's ARN."""
        return sagemaker_arn(self.account, "notebook-instance-lifecycle-config", self.name)


@dataclass(frozen=True, slots=True)
class Model(Asset):
    """A SageMaker Model: image, artefact and the role that its endpoints run as."""

    role: str = ""
    image: str = SKLEARN
    data: str = ""  # s3:// URI of the artefact
    prefix: bool = False  # the artefact is a prefix, not an archive
    isolated: bool = False
    package: str | None = None  # ARN of the registered version that it was made from

    @property
    def arn(self) -> str:
        """The model's ARN."""
        return sagemaker_arn(self.account, "model", self.name)


@dataclass(frozen=True, slots=True)
class Endpoint(Asset):
    """An endpoint and its configuration, which carries the same name and a number."""

    models: tuple[str, ...] = ()
    status: str = "InService"
    revision: int = 1
    capture: str | None = None  # s3:// URI that requests and answers are copied to
    instance: str = "ml.m5.large"
    changed: float = 20

    @property
    def arn(self) -> str:
        """The endpoint's ARN."""
        return sagemaker_arn(self.account, "endpoint", self.name)

    @property
    def config(self) -> str:
        """The name of the configuration in use."""
        return f"{self.name}-{self.revision:03d}"

    @property
    def config_arn(self) -> str:
        """The ARN of the configuration in use."""
        return sagemaker_arn(self.account, "endpoint-config", self.config)


@dataclass(frozen=True, slots=True)
class TrainingJob(Asset):
    """A training job; `source` is the archive with its script, `inputs` are channel and URI."""

    role: str = ""
    image: str = SKLEARN
    source: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    output: str = ""
    status: str = "Completed"

    @property
    def arn(self) -> str:
        """The training job's ARN."""
        return sagemaker_arn(self.account, "training-job", self.name)

    @property
    def artefact(self) -> str:
        """Where the platform leaves the model that the job makes."""
        return f"{self.output.rstrip('/')}/{self.name}/output/model.tar.gz"


@dataclass(frozen=True, slots=True)
class Function(Asset):
    """A function; `policy` is its resource policy, None where it has none."""

    role: str = ""
    runtime: str | None = "python3.12"
    image: str | None = None
    description: str = ""
    policy: Mapping[str, object] | None = None

    @property
    def arn(self) -> str:
        """The function's ARN."""
        return function_arn(self.account, self.name)


@dataclass(frozen=True, slots=True)
class Workloads:
    """All workloads of one account in one region."""

    account: str
    notebooks: tuple[Notebook, ...] = ()
    lifecycles: tuple[Lifecycle, ...] = ()
    models: tuple[Model, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    jobs: tuple[TrainingJob, ...] = ()
    functions: tuple[Function, ...] = ()

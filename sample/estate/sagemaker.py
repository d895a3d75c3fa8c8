"""The calls to SageMaker: listings, descriptions and tags of an account's workloads."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from sample.estate.identities import tag_list
from sample.estate.names import REGION, hexdigest, when
from sample.estate.policy import Json
from sample.estate.snapshot import Call
from sample.estate.workloads import Endpoint, Lifecycle, Model, Notebook, TrainingJob, Workloads

PAGE = 20


def _call(
    account: str,
    operation: str,
    pages: tuple[Json, ...],
    items: int,
    *,
    argument: str = "",
    params: Json | None = None,
    parent: str | None = None,
) -> Call:
    return Call(
        account,
        REGION,
        f"sagemaker.{operation}",
        argument,
        params or {},
        pages,
        items,
        f"sagemaker.{parent}" if parent else None,
    )


def _listing(account: str, operation: str, member: str, rows: Sequence[Json]) -> Call:
    """A listing, in pages as the service hands them out."""
    pages: list[Json] = []
    for start in range(0, max(len(rows), 1), PAGE):
        page: Json = {member: list(rows[start : start + PAGE])}
        if start + PAGE < len(rows):
            page["NextToken"] = hexdigest(f"{account}:{operation}:{start}", 40)
        pages.append(page)
    return _call(account, operation, tuple(pages), len(rows))


def _describe(account: str, kind: str, member: str, name: str, page: Json) -> Call:
    return _call(
        account,
        f"describe_{kind}",
        (page,),
        1,
        argument=name,
        params={member: name},
        parent=f"list_{kind}s",
    )


def _tags(account: str, arn: str, tags: list[Json], parent: str) -> Call:
    return _call(
        account,
        "list_tags",
        ({"Tags": tags},),
        len(tags),
        argument=arn,
        params={"ResourceArn": arn},
        parent=parent,
    )


def _notebook_row(notebook: Notebook) -> Json:
    row: Json = {
        "NotebookInstanceName": notebook.name,
        "NotebookInstanceArn": notebook.arn,
        "NotebookInstanceStatus": notebook.status,
        "Url": f"{notebook.name}-{hexdigest(notebook.arn, 4)}.notebook.{REGION}.sagemaker.aws",
        "InstanceType": notebook.instance,
        "CreationTime": when(notebook.age, notebook.arn),
        "LastModifiedTime": when(notebook.changed, notebook.arn),
    }
    if notebook.lifecycle is not None:
        row["NotebookInstanceLifecycleConfigName"] = notebook.lifecycle
    return row


def _notebook(notebook: Notebook) -> Json:
    network: Json = (
        {}
        if notebook.internet
        else {
            "SubnetId": f"subnet-{hexdigest(notebook.account + 'subnet', 17)}",
            "SecurityGroups": [f"sg-{hexdigest(notebook.account + 'notebooks', 17)}"],
            "NetworkInterfaceId": f"eni-{hexdigest(notebook.arn, 17)}",
        }
    )
    return {
        **_notebook_row(notebook),
        **network,
        **({"KmsKeyId": notebook.key} if notebook.key else {}),
        "RoleArn": notebook.role,
        "DirectInternetAccess": "Enabled" if notebook.internet else "Disabled",
        "VolumeSizeInGB": 50,
        "RootAccess": "Enabled" if notebook.root else "Disabled",
        "PlatformIdentifier": "notebook-al2-v3",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
    }


def _lifecycle(lifecycle: Lifecycle) -> Json:
    return {
        "NotebookInstanceLifecycleConfigArn": lifecycle.arn,
        "NotebookInstanceLifecycleConfigName": lifecycle.name,
        "OnCreate": [],
        "OnStart": [{"Content": base64.b64encode(lifecycle.script.encode()).decode()}],
        "LastModifiedTime": when(lifecycle.age / 3, lifecycle.arn),
        "CreationTime": when(lifecycle.age, lifecycle.arn),
    }


def _notebook_calls(account: str, workloads: Workloads) -> Iterator[Call]:
    rows = [_notebook_row(notebook) for notebook in workloads.notebooks]
    yield _listing(account, "list_notebook_instances", "NotebookInstances", rows)
    asked: set[str] = set()
    scripts = {lifecycle.name: lifecycle for lifecycle in workloads.lifecycles}
    for notebook in workloads.notebooks:
        yield _describe(
            account, "notebook_instance", "NotebookInstanceName", notebook.name, _notebook(notebook)
        )
        yield _tags(account, notebook.arn, tag_list(notebook.tags), "list_notebook_instances")
        name = notebook.lifecycle
        if name is not None and name not in asked:
            asked.add(name)
            yield _call(
                account,
                "describe_notebook_instance_lifecycle_config",
                (_lifecycle(scripts[name]),),
                1,
                argument=name,
                params={"NotebookInstanceLifecycleConfigName": name},
                parent=f"describe_notebook_instance/{notebook.name}",
            )


def _container(model: Model) -> Json:
    if model.package is not None:
        return {"ModelPackageName": model.package, "Mode": "SingleModel"}
    container: Json = {"Image": model.image, "Mode": "SingleModel"}
    if model.prefix:
        container["ModelDataSource"] = {
            "S3DataSource": {
                "S3Uri": model.data,
                "S3DataType": "S3Prefix",
                "CompressionType": "None",
            }
        }
    else:
        container["ModelDataUrl"] = model.data
    container["Environment"] = {"SAGEMAKER_CONTAINER_LOG_LEVEL": "20"}
    return container


def _model_calls(account: str, models: Sequence[Model]) -> Iterator[Call]:
    rows: list[Json] = [
        {
            "ModelName": model.name,
            "ModelArn": model.arn,
            "CreationTime": when(model.age, model.arn),
        }
        for model in models
    ]
    yield _listing(account, "list_models", "Models", rows)
    for model in models:
        page: Json = {
            "ModelName": model.name,
            "PrimaryContainer": _container(model),
            "ExecutionRoleArn": model.role,
            "CreationTime": when(model.age, model.arn),
            "ModelArn": model.arn,
            "EnableNetworkIsolation": model.isolated,
        }
        yield _describe(account, "model", "ModelName", model.name, page)
        yield _tags(account, model.arn, tag_list(model.tags), "list_models")


def _variants(endpoint: Endpoint) -> list[Json]:
    return [
        {
            "VariantName": f"variant-{number}",
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": endpoint.instance,
            "InitialVariantWeight": 1.0,
        }
        for number, model in enumerate(endpoint.models, start=1)
    ]


def _config(endpoint: Endpoint) -> Json:
    page: Json = {
        "EndpointConfigName": endpoint.config,
        "EndpointConfigArn": endpoint.config_arn,
        "ProductionVariants": _variants(endpoint),
    }
    if endpoint.capture is not None:
        page["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 20,
            "DestinationS3Uri": endpoint.capture,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
    return {
        **page,
        "CreationTime": when(endpoint.changed, endpoint.config_arn),
        "EnableNetworkIsolation": False,
    }


def _endpoint_row(endpoint: Endpoint) -> Json:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": when(endpoint.age, endpoint.arn),
        "LastModifiedTime": when(endpoint.changed, endpoint.arn),
        "EndpointStatus": endpoint.status,
    }


def _endpoint(endpoint: Endpoint) -> Json:
    running: list[Json] = [
        {
            "VariantName": f"variant-{number}",
            "CurrentWeight": 1.0,
            "DesiredWeight": 1.0,
            "CurrentInstanceCount": 1,
            "DesiredInstanceCount": 1,
        }
        for number, _ in enumerate(endpoint.models, start=1)
    ]
    return {
        **_endpoint_row(endpoint),
        "EndpointConfigName": endpoint.config,
        "ProductionVariants": running,
    }


def _endpoint_calls(account: str, endpoints: Sequence[Endpoint]) -> Iterator[Call]:
    configs: list[Json] = [
        {
            "EndpointConfigName": endpoint.config,
            "EndpointConfigArn": endpoint.config_arn,
            "CreationTime": when(endpoint.changed, endpoint.config_arn),
        }
        for endpoint in endpoints
    ]
    yield _listing(account, "list_endpoint_configs", "EndpointConfigs", configs)
    for endpoint in endpoints:
        yield _describe(
            account, "endpoint_config", "EndpointConfigName", endpoint.config, _config(endpoint)
        )
    rows = [_endpoint_row(endpoint) for endpoint in endpoints]
    yield _listing(account, "list_endpoints", "Endpoints", rows)
    for endpoint in endpoints:
        yield _describe(account, "endpoint", "EndpointName", endpoint.name, _endpoint(endpoint))
        yield _tags(account, endpoint.arn, tag_list(endpoint.tags), "list_endpoints")


def _channel(name: str, uri: str) -> Json:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
        "CompressionType": "None",
        "RecordWrapperType": "None",
    }


def _job_row(job: TrainingJob) -> Json:
    row: Json = {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": when(job.age, job.arn),
        "LastModifiedTime": when(job.age - 0.2, job.arn),
        "TrainingJobStatus": job.status,
    }
    if job.status != "InProgress":
        row["TrainingEndTime"] = when(job.age - 0.2, job.arn)
    return row


def _job(job: TrainingJob) -> Json:
    # The SDK writes hyperparameters as JSON text, so that a string carries its own quotes.
    hyper = (
        {}
        if job.source is None
        else {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": f'"{job.source}"',
        }
    )
    done = (
        {} if job.status == "InProgress" else {"ModelArtifacts": {"S3ModelArtifacts": job.artefact}}
    )
    return {
        **_job_row(job),
        **done,
        "SecondaryStatus": "Training" if job.status == "InProgress" else job.status,
        "HyperParameters": {"max_depth": "6", **hyper},
        "AlgorithmSpecification": {"TrainingImage": job.image, "TrainingInputMode": "File"},
        "RoleArn": job.role,
        "InputDataConfig": [_channel(name, uri) for name, uri in job.inputs],
        "OutputDataConfig": {"KmsKeyId": "", "S3OutputPath": job.output},
        "ResourceConfig": {
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        "TrainingStartTime": when(job.age - 0.05, job.arn),
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    }


def _job_calls(account: str, jobs: Sequence[TrainingJob]) -> Iterator[Call]:
    rows = [_job_row(job) for job in jobs]
    yield _listing(account, "list_training_jobs", "TrainingJobSummaries", rows)
    for job in jobs:
        yield _describe(account, "training_job", "TrainingJobName", job.name, _job(job))
        yield _tags(account, job.arn, tag_list(job.tags), "list_training_jobs")


def calls(workloads: Workloads) -> Iterator[Call]:
    """The calls to SageMaker for one account."""
    account = workloads.account
    yield from _notebook_calls(account, workloads)
    yield from _model_calls(account, workloads.models)
    yield from _endpoint_calls(account, workloads.endpoints)
    yield from _job_calls(account, workloads.jobs)

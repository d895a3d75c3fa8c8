"""Workloads: what runs code or answers calls, as some identity."""

from graph.model import Capability
from graph.schema import ADMIN, CONTROL, INVOKE, READ, WRITE, Family, NodeKind, Prop

COMMON = (
    Prop(
        "state", "str", "The state the platform reports, e.g. `InService`; a precondition reads it."
    ),
    Prop("flavour", "str", "The platform's own type, e.g. `sagemaker notebook instance`."),
    Prop("potential", "bool", "True for a workload that a technique would create; no asset yet."),
    Prop("technique", "str", "The technique that would create a potential workload."),
    Prop("reruns", "bool", "Whether it will run again: running, scheduled or restartable."),
    Prop(
        "last_active",
        "time",
        "When it last did something, as far as the platform tells.",
        volatile=True,
    ),
    Prop("settings", "map", "Settings of the workload that a precondition or a rule reads."),
)


def _kind(name: str, doc: str, caps: tuple[Capability, ...], start: Capability) -> NodeKind:
    return NodeKind(name, Family.COMPUTE, doc, caps, start, COMMON)


NODES = (
    _kind(
        "Notebook",
        "A SageMaker notebook instance, Studio user profile or space, Azure ML compute instance, Workbench instance or Colab runtime.",
        (CONTROL, WRITE, READ, ADMIN),
        CONTROL,
    ),
    _kind(
        "Job",
        "A training, processing, transform, tuning or batch job.",
        (CONTROL, WRITE, INVOKE, ADMIN),
        CONTROL,
    ),
    _kind("Pipeline", "A pipeline or workflow of steps.", (CONTROL, WRITE, INVOKE, ADMIN), CONTROL),
    _kind(
        "Schedule",
        "What starts a job or pipeline by time or event.",
        (CONTROL, WRITE, INVOKE, ADMIN),
        CONTROL,
    ),
    _kind(
        "Endpoint",
        "A serving endpoint with its deployments, or provisioned throughput.",
        (INVOKE, WRITE, CONTROL, ADMIN),
        INVOKE,
    ),
    _kind(
        "Agent",
        "A Bedrock, AgentCore, Vertex, Foundry or Databricks agent.",
        (INVOKE, WRITE, CONTROL, ADMIN),
        INVOKE,
    ),
    _kind("Function", "A Lambda function or its likes.", (CONTROL, WRITE, INVOKE, ADMIN), CONTROL),
    _kind(
        "Service",
        "A container service or Kubernetes workload.",
        (CONTROL, WRITE, INVOKE, ADMIN),
        CONTROL,
    ),
    _kind(
        "Cluster",
        "A Spark, Azure ML, HyperPod or Kubernetes cluster.",
        (CONTROL, WRITE, INVOKE, ADMIN),
        CONTROL,
    ),
    _kind("VirtualMachine", "An instance.", (CONTROL, WRITE, INVOKE, ADMIN), CONTROL),
)

"""SH-007: an inference or notebook server outside the accounts that may run one."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("ec2.describe_instances", "lambda.list_functions")
SERVERS = (
    "ollama", "vllm", "text-generation-inference", "tritonserver", "llama.cpp", "llama-cpp", "lmdeploy", "sglang",
    "ray-llm", "localai", "open-webui", "jupyter", "mlflow", "comfyui",
)  # fmt: skip
GPUS = ("p3.", "p3dn.", "p4d.", "p4de.", "p5.", "p5e.", "p5en.", "g4dn.", "g5.", "g5g.", "g6.", "g6e.", "trn1.", "trn2.", "inf1.", "inf2.")  # fmt: skip


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every instance, container service and function, by its image and type; a port alone would be a hint only."""
    for node in inventory.assets("VirtualMachine", "Service", "Function"):
        if node.props.get("flavour") in {
            "launch template",
            "sagemaker mlflow tracking server",
            "sagemaker mlflow app",
        }:
            continue
        yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    allowed = inventory.context.ai_accounts
    account = inventory.account(node)
    settings = inventory.settings(node)
    images = [value for name, value in sorted(settings.items()) if name.startswith("image")]
    hits = [(image, word) for image in images for word in SERVERS if word in image.lower()]
    kind = settings.get("instance_type", "")
    gpu = kind.removeprefix("ml.").startswith(GPUS)
    if allowed and account in allowed:
        return assessed(node, Verdict.PASS, "its account may run inference servers")
    evidence = tuple(("image", image) for image, _ in hits) + (
        (("instance type", kind),) if gpu else ()
    )
    if hits:
        words = ", ".join(sorted({word for _, word in hits}))
        why = (
            f"runs {words} outside the accounts that may"
            if allowed
            else f"runs {words}, and no setting says where that may be"
        )
        weight = severity_of(inventory, node, Severity.MEDIUM)
        return Assessed(node.id, Verdict.FAIL, why, evidence, severity=weight)
    if gpu and allowed:
        return Assessed(
            node.id,
            Verdict.FAIL,
            f"a {kind} outside the accounts that may run inference servers",
            evidence,
            severity=Severity.LOW,
        )
    unread = (
        inventory.unread(node, "ec2.describe_instances") if node.kind == "VirtualMachine" else ()
    )
    if unread:
        return blind(node, "its image and type were not read", unread)
    if node.kind == "Service" and not images:
        return blind(node, "its image was not read", ())
    return assessed(node, Verdict.PASS, "its image and type are none of an inference server")


RULE = Rule(
    id="sh-007",
    ref="SH-007",
    title="Inference or notebook server outside sanctioned accounts",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.HIGH,
    on=("VirtualMachine", "Service", "Function"),
    needs=NEEDS,
    fix="Move it into an account that may run it, or name the account in context.ai_accounts.",
    signals="The image is called after an inference or notebook server, or the instance is of a GPU family outside the accounts that the settings name.",
    controls=(
        "a port alone is never told",
        "a GPU family is told only where the settings name accounts",
    ),
    reason=Reason.UNSANCTIONED,
    ask=ask,
)

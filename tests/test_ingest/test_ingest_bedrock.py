"""Bedrock over several runs: what one run named and another lists, or no longer says."""

from typing import Any

from ingest_cases import answers_of

from graph.merge import merge_edges, merge_nodes
from graph.model import CoverageKey, Edge, Facts, Node
from ingest.estate import Estate
from ingest.link import linked
from ingest.source import Shaped, read_answer

MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"
OTHER = "arn:aws:bedrock:eu-west-1::foundation-model/meta.llama3-8b-instruct-v1:0"
AGENT = "arn:aws:bedrock:eu-west-1:111111111111:agent/AGENT00001"
BASE = "arn:aws:bedrock:eu-west-1:111111111111:knowledge-base/KBASE00001"
PROFILE = "arn:aws:bedrock:eu-west-1:111111111111:inference-profile/eu.amazon.nova-lite-v1:0"
KEY = "arn:aws:kms:eu-west-1:222222222222:key/k1"


def _answer(operation: str, page: dict[str, Any], argument: str = "") -> dict[str, Any]:
    return {"operation": operation, "argument": argument, "pages": [page]}


def _run(before: Facts, *answers: dict[str, Any]) -> tuple[dict[str, Node], dict[str, Edge]]:
    """The nodes and edges that these answers make, over what stood before."""
    given = answers_of({"answers": list(answers)})
    shaped: list[Shaped] = [row for answer in given for row in read_answer(answer)]
    closed: frozenset[CoverageKey] = frozenset(answer.key for answer in given)
    rows = linked(shaped, Estate(before, shaped, closed))
    nodes: dict[str, list[Node]] = {}
    edges: dict[str, list[Edge]] = {}
    for row in rows:
        if isinstance(row, Node):
            nodes.setdefault(row.id, []).append(row)
        elif isinstance(row, Edge):
            edges.setdefault(f"{row.source} {row.kind} {row.target}", []).append(row)
    return (
        {name: merge_nodes(group) for name, group in nodes.items()},
        {name: merge_edges(group) for name, group in edges.items()},
    )


def _agent(model: str) -> dict[str, Any]:
    row = {"agentId": "AGENT00001", "agentName": "a", "foundationModel": model}
    return _answer("bedrock-agent.get_agent", {"agent": row}, "AGENT00001")


LIST = _answer("bedrock-agent.list_agents", {"agentSummaries": [{"agentId": "AGENT00001"}]})
OFFERS = _answer(
    "bedrock.list_foundation_models",
    {
        "modelSummaries": [
            {"modelArn": arn, "modelId": arn.rpartition("/")[2], "providerName": "P"}
            for arn in (MODEL, OTHER)
        ]
    },
)
PROFILES = _answer(
    "bedrock.list_inference_profiles",
    {
        "inferenceProfileSummaries": [
            {
                "inferenceProfileArn": PROFILE,
                "type": "SYSTEM_DEFINED",
                "models": [{"modelArn": MODEL}],
            }
        ]
    },
    "SYSTEM_DEFINED",
)


def _facts(nodes: dict[str, Node], edges: dict[str, Edge]) -> Facts:
    return Facts(nodes=tuple(nodes.values()), edges=tuple(edges.values()))


def test_a_model_that_an_earlier_run_named_is_known_once_the_region_lists_it() -> None:
    before = _facts(*_run(Facts(), LIST, _agent(MODEL)))
    nodes, _ = _run(before, OFFERS)
    assert nodes[MODEL].props["settings"] == {"provider": "P"}
    assert OTHER not in nodes


def test_a_model_that_nothing_names_is_no_node() -> None:
    nodes, _ = _run(Facts(), OFFERS, PROFILES)
    assert not nodes


def test_a_profile_listed_later_leads_the_agent_to_its_models() -> None:
    before = _facts(*_run(Facts(), LIST, _agent("eu.amazon.nova-lite-v1:0")))
    nodes, edges = _run(before, PROFILES)
    assert nodes[PROFILE].kind == "Endpoint"
    edge = edges[f"{AGENT} SERVES {MODEL}"]
    assert {key.operation for key in edge.asserted_by} == {"bedrock-agent.get_agent"}


def test_a_source_that_is_gone_no_longer_decides_whose_key_the_base_has() -> None:
    base = _answer(
        "bedrock-agent.list_knowledge_bases",
        {"knowledgeBaseSummaries": [{"knowledgeBaseId": "KBASE00001"}]},
    )

    def source(name: str, **rest: Any) -> dict[str, Any]:
        row = {"knowledgeBaseId": "KBASE00001", "dataSourceId": name, **rest}
        argument = f"KBASE00001|{name}"
        return _answer("bedrock-agent.get_data_source", {"dataSource": row}, argument)

    sealed = source("S1", serverSideEncryptionConfiguration={"kmsKeyArn": KEY})
    nodes, edges = _run(Facts(), base, sealed, source("S2"))
    assert nodes[BASE].props["cmk"] is False
    again, _ = _run(_facts(nodes, edges), base, sealed)
    assert again[BASE].props["cmk"] is True

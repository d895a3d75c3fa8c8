"""Container images that are known to serve or train models, by what their names hold."""

from __future__ import annotations

import re

PATTERNS: tuple[tuple[str, str], ...] = (
    ("vllm", r"vllm"),
    ("text-generation-inference", r"text-generation-inference|huggingface-.*-tgi|tgi-inference"),
    ("text-embeddings-inference", r"text-embeddings-inference|huggingface-.*-tei"),
    ("ollama", r"ollama"),
    ("triton", r"triton(server|-inference)"),
    ("torchserve", r"torchserve|pytorch/torchserve"),
    ("tensorflow-serving", r"tensorflow/serving|tensorflow-serving"),
    ("nvidia-nim", r"nvcr\.io/nim/"),
    ("sglang", r"sglang"),
    ("llama.cpp", r"llama[.-]?cpp"),
    ("litellm", r"litellm"),
    ("langfuse", r"langfuse"),
    ("langgraph", r"langgraph"),
    ("open-webui", r"open-webui"),
    ("mlflow", r"mlflow"),
    ("kserve", r"kserve"),
    ("ray", r"rayproject/"),
    (
        "aws-deep-learning-container",
        r"(pytorch|tensorflow|huggingface-pytorch|djl)-(training|inference)",
    ),
    ("jupyter", r"jupyter"),
    ("vector-database", r"qdrant|weaviate|milvus|chromadb|pgvector"),
)
"""What a workload is, and the pattern in the lower-case name of its image that shows it. A name is a hint, no proof."""

_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in PATTERNS)


def ai_image(image: str) -> str | None:
    """What the image's name shows it to be; None where it shows nothing of the kind."""
    lowered = image.lower()
    return next((name for name, pattern in _COMPILED if pattern.search(lowered)), None)

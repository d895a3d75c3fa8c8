"""Keys of AI providers and other secrets, told by the names of variables and secrets; values are never read.

SOURCE: names of the providers' own SDKs (OpenAI, Anthropic, Hugging Face, Cohere, Google, Mistral, Replicate, Pinecone,
LangChain), read 2026-11-26.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

PROVIDER_KEYS = (
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "COHERE_API_KEY", "GEMINI_API_KEY",
    "GOOGLE_API_KEY", "MISTRAL", "REPLICATE", "PINECONE", "LANGCHAIN_API", "LANGSMITH_API", "AZURE_OPENAI", "GROQ_API",
)  # fmt: skip
"""How names of variables begin that hold the key of an AI provider."""

_PROVIDERS = re.compile(r"openai|anthropic|claude|hugging[-_]?face|\bhf[-_]|cohere|gemini|mistral|replicate|pinecone|langchain|langsmith|groq", re.IGNORECASE)  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = frozenset({"passphrase", "passwd", "password", "pwd", "secret", "token", "apikey", "credential", "credentials"})  # fmt: skip
_KEYS = frozenset({"access", "api", "auth", "license", "master", "private", "secret"})
_POINTS = frozenset({"arn", "arns", "id", "ids", "name", "names", "path", "url", "uri", "type", "file", "region"})  # fmt: skip


def provider_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the variables that hold the key of an AI provider, in order."""
    return tuple(sorted(name for name in names if name.strip().upper().startswith(PROVIDER_KEYS)))


def names_provider(name: str) -> bool:
    """Whether a secret is called after an AI provider."""
    return _PROVIDERS.search(name) is not None


def secret_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the variables that are called like a key, token or password, in order; pointers to one are none."""
    held = sorted({name.strip() for name in names if name.strip()})
    return tuple(name for name in held if _is_secret(name) or provider_names((name,)))


def _is_secret(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _POINTS:
        return False
    pairs = pairwise(words)
    return bool(_SECRET & set(words)) or any(one in _KEYS and two == "key" for one, two in pairs)

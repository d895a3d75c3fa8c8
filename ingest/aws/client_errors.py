"""How AWS says no: its error codes and words, sorted into what a collection can make of them."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from typing import Any

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)
from botocore.response import StreamingBody

from graph.model import Outcome
from ingest.fields import Json
from ingest.source import Call

LONGEST = 500  # characters of an error's words that are kept
MOST_UNPACKED = 64 * 2**20


class Kind(Enum):
    """What an error means for a collection."""

    NONE = Outcome.OK, "there is none"
    GONE = Outcome.OK, "it was listed and is no more"
    EXPIRED = Outcome.FAILED, "the credentials have expired"
    DENIED = Outcome.DENIED, "not allowed"
    THROTTLED = Outcome.THROTTLED, "asked to slow down, to the end"
    UNSUPPORTED = Outcome.UNSUPPORTED, "not offered here"
    NO_ENDPOINT = Outcome.UNSUPPORTED, "the service has no address in the region"
    FAILED = Outcome.FAILED, "anything else"

    @property
    def outcome(self) -> Outcome:
        """How the call counts."""
        return self.value[0]


# SOURCE: the common error types of the API references of IAM, STS, S3, SageMaker and Organizations.
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedError",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "AllAccessDisabled",
    }
)
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_UNSUPPORTED = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "OptInRequired",
        "OptInRequiredException",
        "SubscriptionRequiredException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    }
)
# A region that is not enabled does not know the account's credentials. Where they were known before, they were revoked.
_UNKNOWN = frozenset({"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"})
_GONE = frozenset(
    {
        "EntityNotFoundException",
        "NoSuchAccessPoint",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFoundException",
        "RepositoryNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
# SOURCE: prowler-cloud/prowler issue 1279: what Macie says, as a denial, where the account does not use it.
_SWITCHED_OFF = re.compile(r"macie is not enabled", re.IGNORECASE)
_GONE_WORDS = re.compile(
    r"could not find|does not exist|cannot find|no such|record ?not ?found", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"name or service not known|nodename nor servname|getaddrinfo|name resolution|failed to resolve",
    re.IGNORECASE,
)
_PERMISSION = re.compile(r"not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Failure:
    """What an error says: its words, and the permission that it names as missing."""

    detail: str
    permission: str = ""


def _error_of(error: ClientError) -> tuple[str, str, int]:
    """Code, message and HTTP status."""
    held = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return str(held.get("Code", "")), str(held.get("Message", "")), int(status)


def failure_of(error: Exception) -> Failure:
    """The words of an error in one line, and the permission it names."""
    if isinstance(error, ClientError):
        code, message, _ = _error_of(error)
        named = _PERMISSION.search(message)
        return Failure(_line(f"{code}: {message}"), named[1] if named else "")
    return Failure(_line(f"{type(error).__name__.strip('_')}: {error}"))


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def kind_of(error: Exception, call: Call | None, *, enabled: bool = False) -> Kind:
    """What an error of this call means, in a region that is known to be `enabled` or may not be."""
    if isinstance(error, ClientError):
        return _kind_of_answer(*_error_of(error), call, enabled=enabled)
    if isinstance(error, EndpointConnectionError) and _nameless(error):
        # Without a host name there is no such endpoint; a host that does not answer is a failure.
        return Kind.NO_ENDPOINT
    return Kind.DENIED if isinstance(error, NoCredentialsError) else Kind.FAILED


def _kind_of_answer(
    code: str, message: str, status: int, call: Call | None, *, enabled: bool
) -> Kind:
    short = code.rpartition("#")[2].partition(":")[0]
    if call is not None and any(_is(known, short, message) for known in call.known_none):
        return Kind.NONE
    if _SWITCHED_OFF.search(message):
        return Kind.UNSUPPORTED
    if short in _UNKNOWN:
        return Kind.FAILED if enabled else Kind.UNSUPPORTED
    known = _by_code(short, status)
    if known is None and call is not None and call.feeds and _is_gone(short, message, status):
        known = Kind.GONE
    return known or _BY_STATUS.get(status, Kind.FAILED)


def _is(known: str, code: str, message: str) -> bool:
    """Whether this is the known error: by its code, and by words of its text where the code alone says too little."""
    named, _, words = known.partition(": ")
    return code == named and words.lower() in message.lower()


_BY_STATUS = {401: Kind.DENIED, 403: Kind.DENIED, 501: Kind.UNSUPPORTED}


def _by_code(code: str, status: int) -> Kind | None:
    if code in _EXPIRED:
        return Kind.EXPIRED
    if code in _THROTTLED or status == 429:
        return Kind.THROTTLED
    if code in _DENIED:
        return Kind.DENIED
    return Kind.UNSUPPORTED if code in _UNSUPPORTED else None


def _is_gone(code: str, message: str, status: int) -> bool:
    """Whether the thing that was listed a moment ago is there no more."""
    if code in _GONE:
        return True
    return code == "ValidationException" and status == 400 and bool(_GONE_WORDS.search(message))


def _nameless(error: Exception) -> bool:
    words = f"{error} {error.__cause__ or ''} {getattr(error, 'kwargs', {})}"
    return bool(_NO_NAME.search(words))


def plain_page(page: Mapping[str, Any]) -> Json:
    """A page as JSON can hold it, without the SDK's envelope; times stay, the snapshot writes them."""
    return {str(name): _plain(value) for name, value in page.items() if name != "ResponseMetadata"}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StreamingBody):
        value = value.read()
    if isinstance(value, bytes):
        return _text(value)
    return value


def _text(body: bytes) -> str:
    """Bytes as text: unpacked where they are compressed, in base64 where they are no text."""
    if body.startswith(b"\x1f\x8b"):
        body = _unpacked(body)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii")


def _unpacked(body: bytes) -> bytes:
    """Compressed bytes, unpacked; little may hold very much."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed:
            unpacked = packed.read(MOST_UNPACKED + 1)
    except (EOFError, zlib.error) as error:
        raise ValueError(f"compressed content is damaged: {error}") from error
    if len(unpacked) > MOST_UNPACKED:
        raise ValueError(f"compressed content holds more than {MOST_UNPACKED:,} bytes")
    return unpacked

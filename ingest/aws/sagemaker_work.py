"""What SageMaker workloads have in common: role, images, keys, network, code, and the places that they read and write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import props, referenced
from ingest.aws.names import account_of, partition_of
from ingest.aws.sagemaker import runs_as
from ingest.fields import Json, flag, member, number, rows, text, texts, word
from ingest.source import Answer, Link, Mention, Shaped

ARCHIVE, SCRIPT = "sagemaker source archive", "sagemaker script"
INPUT, OUTPUT, CODE = "input:", "output:", "code:"
"""What the settings of a workload call its inputs, outputs and code: `input:CHANNEL`."""
ARTIFACT, UNDER = "artifact", "artifacts_under"
"""The settings that tell lineage which artefacts a job wrote: one, or all below a place."""

_FILES = frozenset({"ManifestFile", "AugmentedManifestFile"})
_SYSTEMS = {"EFS": "elasticfilesystem", "FSxLustre": "fsx"}


@dataclass(frozen=True, slots=True)
class Port:
    """A place that a workload reads, writes or runs, by the name that it has there."""

    name: str
    uri: str
    form: str = "folder"


@dataclass(frozen=True, slots=True)
class Work:
    """A workload as its description tells it; a field that was not told is None or empty."""

    node: NodeId
    kind: str
    state: str | None = None
    reruns: bool | None = None
    roles: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    volume_key: str | None = None
    network: Json = field(default_factory=dict)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    code: tuple[Port, ...] = ()
    managers: tuple[tuple[str, str], ...] = ()  # kind and id of what started it
    settings: Mapping[str, str | None] = field(default_factory=dict)
    tells_network: bool = True  # its description would hold its network if it had one
    tells_key: bool = True  # its description would hold the key of its volumes if it had one

    @property
    def isolated(self) -> bool:
        """Whether its containers are cut off from the network, and with it from the role's credentials."""
        return bool(flag(self.network, "EnableNetworkIsolation"))

    def rows(self) -> Iterator[Shaped]:
        """The workload's node and edges, and what is mentioned of its keys, images and places."""
        vpc = member(self.network, "VpcConfig")
        yield Node(
            self.node,
            self.kind,
            props(
                state=self.state,
                reruns=self.reruns,
                private_only=bool(vpc) if self.tells_network else None,
                cmk=False if self.tells_key and self.volume_key is None else None,
                settings=told(self._settings(vpc)) or None,
            ),
        )
        for role in () if self.isolated else dict.fromkeys(self.roles):
            yield from runs_as(self.node, role)
        if self.volume_key is not None:
            yield Mention(Link.KEY, self.node, self.volume_key)
        for image in dict.fromkeys(self.images):
            yield Mention(Link.IMAGE, self.node, image)
        for manager, identifier in self.managers:
            yield referenced(identifier, manager, account=account_of(identifier))
            yield Edge("MANAGED_BY", self.node, NodeId(identifier))
        for port in self.code:
            yield from executes(self.node, port)
        for port in (*self.inputs, *self.outputs):
            if port.uri.startswith("s3://"):
                yield Mention(Link.NAMES, self.node, port.uri, {"form": port.form})

    def _settings(self, vpc: Json) -> dict[str, str | None]:
        return {
            "execution_role": ",".join(dict.fromkeys(self.roles)),
            "network_isolation": word(flag(self.network, "EnableNetworkIsolation")),
            "traffic_encryption": word(flag(self.network, "EnableInterContainerTrafficEncryption")),
            "subnets": ",".join(texts(vpc, "Subnets")),
            "security_groups": ",".join(texts(vpc, "SecurityGroupIds")),
            "volume_key": self.volume_key,
            **{f"image:{at}": image for at, image in enumerate(dict.fromkeys(self.images))},
            **named(INPUT, self.inputs),
            **named(OUTPUT, self.outputs),
            **named(CODE, self.code),
            **self.settings,
        }


def told(settings: Mapping[str, str | None]) -> dict[str, str]:
    """The settings that have a value."""
    return {name: value for name, value in settings.items() if value}


def named(start: str, ports: Iterable[Port]) -> dict[str, str]:
    """The ports as settings; of two with one name the second gets a number."""
    found: dict[str, str] = {}
    for port in ports:
        name, at = f"{start}{port.name}", 1
        while name in found and found[name] != port.uri:
            at += 1
            name = f"{start}{port.name}.{at}"
        found[name] = port.uri
    return found


def environment(page: Json) -> str:
    """The names of environment variables, never their values."""
    return ",".join(sorted(str(name) for name in member(page, "Environment")))


def count(page: Json, name: str) -> str | None:
    """A number as settings spell it."""
    value = number(page, name)
    return None if value is None else str(value)


def executes(workload: NodeId, port: Port) -> Iterator[Shaped]:
    """The code at this place, and that the workload runs it."""
    code = NodeId(port.uri.rstrip("/"))
    archive = code.endswith((".tar.gz", ".tgz", ".zip"))
    yield Node(
        code,
        "Code",
        props(
            name=code.rpartition("/")[2],
            platform="aws",
            flavour=ARCHIVE if archive else SCRIPT,
            uri=port.uri,
        ),
    )
    yield Edge("EXECUTES", workload, code)
    yield Mention(Link.STORED_IN, code, port.uri, {"form": port.form})


def file_system(answer: Answer, place: Json) -> Node | None:
    """The file system that a channel reads, as a dataset; None where the source names none."""
    service = _SYSTEMS.get(text(place, "FileSystemType") or "")
    identifier = text(place, "FileSystemId")
    if service is None or identifier is None:
        return None
    partition = partition_of(answer.region)
    return referenced(
        f"arn:{partition}:{service}:{answer.region}:{answer.account}:file-system/{identifier}",
        "Dataset",
        account=answer.account,
        region=answer.region,
        name=identifier,
        flavour=f"{service} file system",
    )


def s3_form(place: Json) -> str:
    """Whether an S3 source names an object (a manifest) or a folder."""
    return "object" if text(place, "S3DataType") in _FILES else "folder"


def channels(page: Json) -> Iterator[Port]:
    """The S3 inputs of a training: channel, URI, and form."""
    for at, channel in enumerate(rows(page, "InputDataConfig")):
        place = member(member(channel, "DataSource"), "S3DataSource")
        if uri := text(place, "S3Uri"):
            yield Port(text(channel, "ChannelName") or str(at), uri, s3_form(place))


def systems(page: Json, answer: Answer) -> Iterator[tuple[str, Node, str | None]]:
    """The file systems that a training reads: channel, dataset, directory."""
    for at, channel in enumerate(rows(page, "InputDataConfig")):
        place = member(member(channel, "DataSource"), "FileSystemDataSource")
        node = file_system(answer, place)
        if node is not None:
            yield text(channel, "ChannelName") or str(at), node, text(place, "DirectoryPath")


def archive_of(parameters: Json) -> tuple[Port, ...]:
    """The source archive of a training; SDKs write it into the hyperparameters, some of them in quotes."""
    value = text(parameters, "sagemaker_submit_directory")
    uri = value.strip().strip('"') if value else ""
    return (Port("source", uri, "object"),) if uri.startswith("s3://") else ()


def processing_inputs(page: Json) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """What a processing reads: data, and code: the input named `code`, or one that its entry point lies in."""
    words = (
        *texts(member(page, "AppSpecification"), "ContainerEntrypoint"),
        *texts(member(page, "AppSpecification"), "ContainerArguments"),
    )
    data: list[Port] = []
    code: list[Port] = []
    for at, row in enumerate(rows(page, "ProcessingInputs")):
        place = member(row, "S3Input")
        name = text(row, "InputName") or str(at)
        if uri := text(place, "S3Uri"):
            home = (text(place, "LocalPath") or "/").rstrip("/")
            runs = name == "code" or bool(home and any(w.startswith(f"{home}/") for w in words))
            form = "folder" if s3_form(place) == "folder" else "object"
            (code if runs else data).append(Port(name, uri, form))
        for query in ("AthenaDatasetDefinition", "RedshiftDatasetDefinition"):
            found = member(member(row, "DatasetDefinition"), query)
            if uri := text(found, "OutputS3Uri"):
                data.append(Port(name, uri))
    return tuple(data), tuple(code)


def processing_outputs(page: Json) -> tuple[Port, ...]:
    """What a processing writes to S3."""
    return tuple(
        Port(text(row, "OutputName") or str(at), uri)
        for at, row in enumerate(rows(member(page, "ProcessingOutputConfig"), "Outputs"))
        if (uri := text(member(row, "S3Output"), "S3Uri"))
    )

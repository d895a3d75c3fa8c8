"""EKS: clusters, who may use them, and the service accounts whose pods act as roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import lacking, listed, props, referenced, stated, tag_props
from ingest.aws.names import account_of, partition_of
from ingest.fields import Json, flag, member, moment, rows, string_map, text, texts, word
from ingest.source import PART, Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

FLAVOUR, WORKLOAD = "eks cluster", "eks service account"


def cluster_node(name: str, *, account: str, region: str) -> NodeId:
    """The node of the cluster with this name."""
    return NodeId(f"arn:{partition_of(region)}:eks:{region}:{account}:cluster/{name}")


def _cluster_of(answer: Answer) -> NodeId:
    """The cluster that an answer is about: the first part of its argument."""
    name = answer.argument.partition(PART)[0]
    return cluster_node(name, account=answer.account, region=answer.region)


def _runs_as(node: NodeId, role: str) -> Iterator[Shaped]:
    yield referenced(role, "Role", account=account_of(role))
    yield Edge("RUNS_AS", node, NodeId(role))


def shape_clusters(answer: Answer) -> Iterator[Shaped]:
    """The clusters of the account in the region, by name alone."""
    if lost := lacking(answer, "clusters"):
        yield lost
    for page in answer.pages:
        for name in texts(page, "clusters"):
            node = cluster_node(name, account=answer.account, region=answer.region)
            yield from listed(
                node,
                "Cluster",
                account=answer.account,
                region=answer.region,
                name=name,
                flavour=FLAVOUR,
            )


def shape_cluster(answer: Answer) -> Iterator[Shaped]:
    """A cluster: its role, where its API answers, and how it tells who someone is."""
    if lost := lacking(answer, "cluster"):
        yield lost
    node = _cluster_of(answer)
    for page in answer.pages:
        row = member(page, "cluster")
        tags = string_map(row, "tags") if isinstance(row.get("tags"), Mapping) else None
        network = member(row, "resourcesVpcConfig")
        yield Node(
            node,
            "Cluster",
            props(
                state=text(row, "status"),
                created=moment(row, "createdAt"),
                internet_reachable=flag(network, "endpointPublicAccess"),
                private_only=_private(network),
                logging=_audited(row),
                settings=_settings(row, network),
                **({} if tags is None else tag_props(tags)),
            ),
        )
        if role := text(row, "roleArn"):
            yield from _runs_as(node, role)
        for item in rows(row, "encryptionConfig"):
            if key := text(member(item, "provider"), "keyArn"):
                yield Mention(Link.KEY, node, key)


def _private(network: Json) -> bool | None:
    public = flag(network, "endpointPublicAccess")
    return None if public is None else not public


def _audited(row: Json) -> bool | None:
    """Whether the API server's audit log is kept; None where the answer does not say."""
    held = member(row, "logging").get("clusterLogging")
    if not isinstance(held, list):
        return None
    return any(
        flag(item, "enabled") is True and "audit" in texts(item, "types")
        for item in rows(member(row, "logging"), "clusterLogging")
    )


def _settings(row: Json, network: Json) -> dict[str, str] | None:
    access = member(row, "accessConfig")
    compute = member(row, "computeConfig")
    return stated(
        version=text(row, "version"),
        endpoint=text(row, "endpoint"),
        role=text(row, "roleArn"),
        vpc=text(network, "vpcId"),
        public_access=word(flag(network, "endpointPublicAccess")),
        private_access=word(flag(network, "endpointPrivateAccess")),
        public_cidrs=",".join(sorted(texts(network, "publicAccessCidrs"))),
        issuer=text(member(member(row, "identity"), "oidc"), "issuer"),
        authentication=text(access, "authenticationMode"),
        creator_is_admin=word(flag(access, "bootstrapClusterCreatorAdminPermissions")),
        node_role=text(compute, "nodeRoleArn"),
    )


def shape_entries(answer: Answer) -> Iterator[Shaped]:
    """The principals that the cluster lets in; clusters that keep to their own map list none."""
    if lost := lacking(answer, "accessEntries"):
        yield lost
    found = {entry for page in answer.pages for entry in texts(page, "accessEntries")}
    settings = stated(access_entries=",".join(sorted(found)))
    yield Node(_cluster_of(answer), "Cluster", props(settings=settings))


def shape_entry_policies(answer: Answer) -> Iterator[Shaped]:
    """What the cluster lets one principal do, by AWS's own policies of cluster access."""
    principal = answer.argument.partition(PART)[2]
    found = sorted(
        f"{policy.rpartition('/')[2]} on {_scope(row)}"
        for row in answer.each("associatedAccessPolicies")
        if (policy := text(row, "policyArn"))
    )
    settings = stated(**{f"access:{principal}": "; ".join(found)})
    yield Node(_cluster_of(answer), "Cluster", props(settings=settings))


def _scope(row: Json) -> str:
    scope = member(row, "accessScope")
    spaces = ",".join(sorted(texts(scope, "namespaces")))
    return spaces or text(scope, "type") or "?"


def shape_identities(answer: Answer) -> Iterator[Shaped]:
    """The service accounts of the cluster whose pods get a role."""
    for row in answer.each("associations"):
        arn = text(row, "associationArn")
        if arn is None:
            yield Skipped(str(answer.key), "an association has no ARN")
            continue
        yield from _workload(answer, row, arn)


def _workload(answer: Answer, row: Json, arn: str) -> Iterator[Shaped]:
    """The service account as a workload; its association's ARN names it, for AWS knows no other."""
    space, account = text(row, "namespace"), text(row, "serviceAccount")
    yield from listed(
        arn,
        "Service",
        account=answer.account,
        region=answer.region,
        name=f"{space or '?'}/{account or '?'}",
        flavour=WORKLOAD,
        reruns=True,  # a controller starts its pods anew
        settings=stated(
            namespace=space,
            service_account=account,
            cluster=text(row, "clusterName"),
            owner=text(row, "ownerArn"),
        ),
    )
    cluster = _cluster_of(answer)
    yield referenced(cluster, "Cluster", account=answer.account, flavour=FLAVOUR)
    yield Edge("MANAGED_BY", NodeId(arn), cluster)


def shape_identity(answer: Answer) -> Iterator[Shaped]:
    """The role that pods of a service account act as: the target role where there is one, in another account."""
    if lost := lacking(answer, "association"):
        yield lost
    for page in answer.pages:
        row = member(page, "association")
        arn = text(row, "associationArn")
        if arn is None:
            yield Skipped(str(answer.key), "the association has no ARN")
            continue
        yield from _workload(answer, row, arn)
        first, last = text(row, "roleArn"), text(row, "targetRoleArn")
        tags = string_map(row, "tags") if isinstance(row.get("tags"), Mapping) else None
        yield Node(
            NodeId(arn),
            "Service",
            props(
                created=moment(row, "createdAt"),
                settings=stated(
                    role=first,
                    target_role=last,
                    session_tags_off=word(flag(row, "disableSessionTags")),
                    session_policy=text(row, "policy"),
                ),
                **({} if tags is None else tag_props(tags)),
            ),
        )
        if role := last or first:
            yield from _runs_as(NodeId(arn), role)


_CLUSTERS = (Feed("eks.list_clusters", "clusters"),)
_SUBJECT = "arn:{partition}:eks:{region}:{account}:cluster/{part0}"


def _call(method: str, permission: str, **rest: object) -> Call:
    return Call("eks", method, f"eks:{permission}", regional=True, **rest)  # type: ignore[arg-type]  # the fields of Call by name


RESOURCES = (
    Resource(
        "aws.eks-clusters",
        "The EKS clusters of the account.",
        _call("list_clusters", "ListClusters", paginated=True),
        shape_clusters,
    ),
    Resource(
        "aws.eks-cluster-settings",
        "The settings of an EKS cluster.",
        _call(
            "describe_cluster",
            "DescribeCluster",
            params={"name": "{item}"},
            feeds=_CLUSTERS,
            subject=_SUBJECT,
            tells_tags=True,
        ),
        shape_cluster,
    ),
    Resource(
        "aws.eks-access-entries",
        "The principals that an EKS cluster lets in.",
        _call(
            "list_access_entries",
            "ListAccessEntries",
            params={"clusterName": "{item}"},
            paginated=True,
            feeds=_CLUSTERS,
            # SOURCE: EKS user guide, access entries: a cluster with authentication mode CONFIG_MAP has none.
            known_none=frozenset({"InvalidRequestException: authentication mode"}),
            subject=_SUBJECT,
        ),
        shape_entries,
    ),
    Resource(
        "aws.eks-access-policies",
        "What an EKS cluster lets a principal do.",
        _call(
            "list_associated_access_policies",
            "ListAssociatedAccessPolicies",
            params={"clusterName": "{0}", "principalArn": "{1}"},
            items="associatedAccessPolicies",
            paginated=True,
            feeds=(Feed("eks.list_access_entries", "accessEntries", ("^0", ".")),),
            subject=_SUBJECT,
        ),
        shape_entry_policies,
    ),
    Resource(
        "aws.eks-pod-identities",
        "The service accounts of an EKS cluster whose pods get a role.",
        _call(
            "list_pod_identity_associations",
            "ListPodIdentityAssociations",
            params={"clusterName": "{item}"},
            items="associations",
            paginated=True,
            feeds=_CLUSTERS,
            subject=_SUBJECT,
        ),
        shape_identities,
    ),
    Resource(
        "aws.eks-pod-identity-roles",
        "The role that pods of a service account act as.",
        _call(
            "describe_pod_identity_association",
            "DescribePodIdentityAssociation",
            params={"clusterName": "{0}", "associationId": "{1}"},
            feeds=(
                Feed("eks.list_pod_identity_associations", "associations", ("^0", "associationId")),
            ),
            subject=_SUBJECT,
            tells_tags=True,
        ),
        shape_identity,
    ),
)

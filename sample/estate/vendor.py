"""Managed policies and reserved roles that the platform brings along; long documents are abridged."""

from __future__ import annotations

from sample.estate.identities import ManagedPolicy, Role, vendor
from sample.estate.names import hexdigest
from sample.estate.policy import Json, document, statement, trust_saml, trust_service

_ADMIN: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_LOGS: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "*",
        }
    ],
}
_PASSWORD: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["iam:ChangePassword"],
            "Resource": ["arn:aws:iam::*:user/${aws:username}"],
        },
        {"Effect": "Allow", "Action": ["iam:GetAccountPasswordPolicy"], "Resource": "*"},
    ],
}
_ORGANISATION: Json = document(
    statement(
        "AllowDeletionOfServiceLinkedRoleForOrganizations",
        "Allow",
        ["iam:DeleteRole"],
        ["arn:aws:iam::*:role/aws-service-role/organizations.amazonaws.com/*"],
    ),
    statement("AllowCreationOfServiceLinkedRoles", "Allow", ["iam:CreateServiceLinkedRole"], "*"),
)
_NOTEBOOKS: Json = document(
    statement(
        "AllowSageMakerDeleteApp", "Allow", ["sagemaker:DeleteApp"], "arn:aws:sagemaker:*:*:app/*"
    ),
    statement(
        "AllowEC2Operations",
        "Allow",
        [
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
        ],
        "*",
    ),
)

POLICIES = (
    ManagedPolicy("aws", "AdministratorAccess", (_ADMIN,), age=4300),
    ManagedPolicy("aws", "AWSLambdaBasicExecutionRole", (_LOGS,), "/service-role/", age=4200),
    ManagedPolicy("aws", "IAMUserChangePassword", (_PASSWORD,), age=3600),
    ManagedPolicy(
        "aws",
        "AWSOrganizationsServiceTrustPolicy",
        (_ORGANISATION,),
        "/aws-service-role/",
        age=3300,
    ),
    ManagedPolicy(
        "aws",
        "AmazonSageMakerNotebooksServiceRolePolicy",
        (_NOTEBOOKS,),
        "/aws-service-role/",
        age=2500,
    ),
)
ADMINISTRATOR = vendor("AdministratorAccess")
FUNCTION_LOGS = vendor("AWSLambdaBasicExecutionRole")
CHANGE_PASSWORD = vendor("IAMUserChangePassword")


def service_linked(account: str, service: str, name: str, policy: str) -> Role:
    """A service-linked role."""
    return Role(
        account,
        f"AWSServiceRoleFor{name}",
        f"/aws-service-role/{service}.amazonaws.com/",
        trust=trust_service(service),
        managed=(vendor(policy),),
        age=1400,
        idle=1,
    )


def reserved(
    account: str, permission_set: str, *, managed: tuple[str, ...] = (), inline: Json | None = None
) -> Role:
    """The role that Identity Center made for a permission set in an account."""
    return Role(
        account,
        f"AWSReservedSSO_{permission_set}_{hexdigest(account + permission_set, 16)}",
        "/aws-reserved/sso.amazonaws.com/eu-west-1/",
        trust=trust_saml(account),
        managed=managed,
        inline={} if inline is None else {"AwsSSOInlinePolicy": inline},
        age=900,
        idle=1,
    )


def standard_roles(account: str) -> tuple[Role, ...]:
    """The reserved roles that every account of the organisation has."""
    return (
        reserved(account, "AdministratorAccess", managed=(ADMINISTRATOR,)),
        service_linked(
            account, "organizations", "Organizations", "AWSOrganizationsServiceTrustPolicy"
        ),
    )

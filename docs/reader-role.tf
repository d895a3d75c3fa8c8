# The role that shadowgraph reads an account with. It can change nothing.

variable "collector_arn" {
  description = "The ARN of the principal that collects, such as arn:aws:iam::111111111111:role/collector"
  type        = string
}

variable "external_id" {
  description = "A secret of your own that the collector has to say; its setting aws.external_id"
  type        = string
  sensitive   = true
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.collector_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "lacking" {
  statement {
    sid       = "ShadowgraphReads"
    resources = ["*"]
    actions = [
      "account:ListRegions",
      "bedrock-agentcore:ListWorkloadIdentities",
      "bedrock:GetPrompt",
      "bedrock:ListAgentCollaborators",
      "bedrock:ListCustomModelDeployments",
      "bedrock:ListEnforcedGuardrailsConfiguration",
      "cloudwatch:GetMetricStatistics",
      "eks:DescribePodIdentityAssociation",
      "eks:ListPodIdentityAssociations",
      "lakeformation:GetDataLakeSettings",
      "lakeformation:ListLFTags",
      "lakeformation:ListPermissions",
      "lakeformation:ListResources",
      "macie2:GetFindings",
      "s3tables:GetTableBucketEncryption",
      "sagemaker:GetEndpointPolicy",
      "sagemaker:GetModelPackageGroupPolicy",
    ]
  }
}

resource "aws_iam_role" "reader" {
  name               = "ShadowgraphReader"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.reader.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy" "lacking" {
  name   = "what-security-audit-lacks"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.lacking.json
}

output "reader_arn" {
  value = aws_iam_role.reader.arn
}

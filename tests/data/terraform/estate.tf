terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "stages" {
  type    = set(string)
  default = ["blue", "green"]
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "AKIAEXAMPLE"
  secret_key                  = "example"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  endpoints {
    iam            = var.endpoint
    s3             = var.endpoint
    kms            = var.endpoint
    sagemaker      = var.endpoint
    secretsmanager = var.endpoint
    events         = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "notebooks" {
  name               = "notebooks"
  path               = "/ml/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_s3_bucket" "models" {
  bucket = "b-models"
}

resource "aws_s3_object" "script" {
  bucket  = aws_s3_bucket.models.id
  key     = "train.py"
  content = "print('planted-in-an-object')"
}

resource "aws_secretsmanager_secret" "key" {
  name = "prod/openai"
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = "planted-in-a-secret"
}

module "serving" {
  source   = "./serving"
  for_each = var.stages
  stage    = each.key
  role     = aws_iam_role.notebooks.arn
}

output "secret" {
  value     = "planted-in-an-output"
  sensitive = true
}

resource "aws_sagemaker_notebook_instance" "more" {
  name          = "more"
  role_arn      = aws_iam_role.notebooks.arn
  instance_type = "ml.t3.medium"
}

variable "stage" { type = string }
variable "role" { type = string }

resource "aws_sagemaker_notebook_instance" "lab" {
  count         = 2
  name          = "${var.stage}-${count.index}"
  role_arn      = var.role
  instance_type = "ml.t3.medium"
}

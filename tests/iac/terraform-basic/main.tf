variable "prefix" {
  type    = string
  default = "dev"
}

variable "traced" {
  default = false
}

locals {
  names  = toset(["created", "shipped"])
  common = { LOG_LEVEL = "info" }
  a      = local.b
  b      = local.a
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

resource "aws_dynamodb_table" "orders" {
  name     = "${var.prefix}-orders"
  hash_key = "id"
}

resource "aws_sqs_queue" "jobs" {
  for_each = local.names
  name     = "jobs-${each.key}"
}

resource "aws_s3_bucket" "files" {
  bucket = "files-${data.aws_caller_identity.current.account_id}"
}

data "archive_file" "orders" {
  type        = "zip"
  source_dir  = "${path.module}/src/orders"
  output_path = "${path.module}/build/orders.zip"
}

resource "aws_lambda_function" "orders" {
  for_each      = aws_sqs_queue.jobs
  function_name = format("%s-%s", var.prefix, each.key)
  filename      = data.archive_file.orders.output_path
  handler       = "app.lambda_handler"
  runtime       = "python3.13"
  role          = aws_iam_role.orders.arn

  environment {
    variables = merge(local.common, {
      TABLE  = aws_dynamodb_table.orders.name
      QUEUE  = each.value.url
      BUCKET = aws_s3_bucket.files.bucket
      STAGE  = var.traced ? "traced" : "plain"
      LOOP   = local.a
    })
  }

  dynamic "tracing_config" {
    for_each = var.traced ? [1] : []
    content {
      mode = "Active"
    }
  }
}

resource "aws_lambda_event_source_mapping" "orders" {
  for_each         = local.names
  event_source_arn = aws_sqs_queue.jobs[each.key].arn
  function_name    = aws_lambda_function.orders[each.key].arn
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  inline_policy {
    name = "read"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.orders.arn
      }]
    })
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "files" {
  source_policy_documents = [file("${path.module}/base.json")]

  statement {
    sid       = "Files"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.files.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }
  }
}

resource "aws_iam_policy" "files" {
  name   = "files"
  policy = data.aws_iam_policy_document.files.json
}

resource "aws_iam_role_policy_attachment" "all" {
  for_each = {
    files = aws_iam_policy.files.arn
    logs  = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
  }
  role       = aws_iam_role.orders.name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "heredoc" {
  role   = aws_iam_role.orders.id
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "arn:aws:sqs:${data.aws_region.current.name}:*:${var.prefix}-*"}
      ]
    }
  JSON
}

module "worker" {
  source = "./modules/worker"
  name   = "${var.prefix}-worker"
  table  = aws_dynamodb_table.orders
}

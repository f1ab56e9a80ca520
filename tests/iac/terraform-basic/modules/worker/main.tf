variable "name" {}
variable "table" {}

resource "aws_lambda_function" "this" {
  function_name = var.name
  filename      = "worker.zip"
  source_code_hash = filebase64sha256("worker.zip")
  handler       = "worker.handler"
  runtime       = "nodejs22.x"
  role          = "arn:aws:iam::123456789012:role/shared"

  environment {
    variables = { TABLE = var.table.name }
  }
}

data "archive_file" "this" {
  type        = "zip"
  output_path = "worker.zip"
  source {
    filename = "worker.js"
    content  = file("${path.module}/src/worker.js")
  }
}

output "arn" {
  value = aws_lambda_function.this.arn
}

module "orders" {
  source = "terraform-aws-modules/dynamodb-table/aws"
  name   = "orders"
}

module "api" {
  source        = "terraform-aws-modules/lambda/aws"
  version       = "~> 8.0"
  function_name = "api"
  handler       = "main.lambda_handler"
  runtime       = "python3.13"
  source_path   = [{ path = "${path.module}/app", pip_requirements = true }]
  tracing_mode  = "Active"

  environment_variables = {
    TABLE = module.orders.dynamodb_table_id
  }

  attach_tracing_policy    = true
  attach_policy_statements = true
  policy_statements = {
    table = {
      effect    = "Allow"
      actions   = ["dynamodb:PutItem"]
      resources = [module.orders.dynamodb_table_arn]
    }
  }

  allowed_triggers = {
    gateway = { service = "apigateway", source_arn = "arn:aws:execute-api:eu-west-1:123456789012:abc/*" }
  }
}

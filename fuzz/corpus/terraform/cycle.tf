locals {
  a = [local.b, local.b, "${local.a}"]
  b = { for k, v in local.c : k => [v, local.a]... if v != local.b }
  c = merge(local.b, { x = local.d }, jsondecode(jsonencode(local.c)))
  d = <<-EOT
    %{ for x in local.a ~}
    ${x} %{ if x == "" }y%{ else }${local.d}%{ endif }
    %{ endfor ~}
  EOT
}
variable "v" { default = [for x in range(10) : flatten([x, setproduct([x], [x])])] }
module "m" {
  source = "./m"
  v      = module.m.o
}
module "n" {
  source   = "."
  for_each = toset([for k, v in module.n : k])
}
resource "aws_lambda_function" "f" {
  count         = length(aws_lambda_function.f)
  function_name = aws_lambda_function.f[count.index].arn
  handler       = "app.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.r["x"].arn
  filename      = data.archive_file.z.output_path
  environment {
    variables = { T = module.m.o, U = local.a[*][0], V = data.aws_iam_policy_document.d.json }
  }
}
resource "aws_iam_role" "r" {
  for_each           = { x = aws_iam_role.r }
  name               = each.value[each.key].name
  assume_role_policy = jsonencode(each)
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.d.json]
  dynamic "statement" {
    for_each = local.a
    content {
      actions   = statement.value
      resources = [statement.key, "*"]
    }
  }
}
data "archive_file" "z" {
  type        = "zip"
  source_dir  = path.module
  output_path = "z.zip"
}

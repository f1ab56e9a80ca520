// The whole package under one name.
// needs: ssm:GetParametersByPath arn:aws:ssm:*:*:parameter/shop
const ssm = require("@aws-sdk/client-ssm");

const client = new ssm.SSMClient({});

exports.handler = async () => client.send(new ssm.GetParametersByPathCommand({ Path: "/shop" }));

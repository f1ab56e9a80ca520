// The same with require.
// needs: sqs:SendMessage arn:aws:sqs:*:*:work
const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");

const sqs = new SQSClient({});

exports.handler = async (event) => {
  const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/work";
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
};

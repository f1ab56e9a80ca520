// The SDK v2 with promises.
// needs: s3:GetObject arn:aws:s3:::legacy/*
// needs: sns:Publish arn:aws:sns:eu-west-1:123456789012:legacy
const AWS = require("aws-sdk");

const s3 = new AWS.S3();
const sns = new AWS.SNS();

exports.handler = async (event) => {
  const object = await s3.getObject({ Bucket: "legacy", Key: event.key }).promise();
  await sns.publish({ TopicArn: "arn:aws:sns:eu-west-1:123456789012:legacy", Message: String(object.ContentLength) }).promise();
};

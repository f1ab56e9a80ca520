// The document client of the SDK v2 with a callback.
// needs: dynamodb:UpdateItem arn:aws:dynamodb:*:*:table/counters
const { DynamoDB } = require("aws-sdk");

const db = new DynamoDB.DocumentClient();

exports.handler = (event, context, callback) => {
  db.update({ TableName: "counters", Key: { id: event.id }, UpdateExpression: "ADD hits :one", ExpressionAttributeValues: { ":one": 1 } }, callback);
};

// The document client, with commands and with methods.
// needs: dynamodb:PutItem arn:aws:dynamodb:*:*:table/notes
// needs: dynamodb:Query arn:aws:dynamodb:*:*:table/notes
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument, DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";

const client = new DynamoDBClient({});
const commands = DynamoDBDocumentClient.from(client);
const methods = DynamoDBDocument.from(client);

export const handler = async (event: { user: string; text: string }) => {
  await commands.send(new PutCommand({ TableName: "notes", Item: event }));
  const found = await methods.query({
    TableName: "notes",
    KeyConditionExpression: "#u = :u",
    ExpressionAttributeNames: { "#u": "user" },
    ExpressionAttributeValues: { ":u": event.user },
  });
  return found.Items;
};

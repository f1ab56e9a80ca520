// A paginator of the SDK v3.
// needs: dynamodb:Scan arn:aws:dynamodb:*:*:table/stock
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export const handler = async () => {
  let count = 0;
  for await (const page of paginateScan({ client }, { TableName: "stock" })) count += page.Count ?? 0;
  return count;
};

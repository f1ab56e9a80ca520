import { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

export class Catalog {
  constructor(private readonly client = new DynamoDBClient({})) {}

  async load(ids: string[]) {
    const Keys = ids.map((id) => ({ id: { S: id } }));
    return this.client.send(new BatchGetItemCommand({ RequestItems: { catalog: { Keys } } }));
  }
}

// The aggregated client, as a class field.
// needs: dynamodb:GetItem arn:aws:dynamodb:*:*:table/carts
// needs: dynamodb:DeleteItem arn:aws:dynamodb:*:*:table/carts
import { DynamoDB } from "@aws-sdk/client-dynamodb";

class Carts {
  private readonly db = new DynamoDB({});

  async drop(id: string): Promise<void> {
    const Key = { id: { S: id } };
    const found = await this.db.getItem({ TableName: "carts", Key });
    if (found.Item) await this.db.deleteItem({ TableName: "carts", Key });
  }
}

const carts = new Carts();

export const handler = async (event: { id: string }): Promise<void> => carts.drop(event.id);

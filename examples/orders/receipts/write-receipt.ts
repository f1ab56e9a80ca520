import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { SQSEvent } from "aws-lambda";

const s3 = new S3Client({});
const orders = DynamoDBDocumentClient.from(new DynamoDBClient({}));

async function receiptFor(id: string): Promise<string> {
  const { Item } = await orders.send(new GetCommand({ TableName: process.env.TABLE_NAME, Key: { id } }));
  return `Order ${id}: ${Item?.price ?? "unknown"}\n`;
}

export const handler = async (event: SQSEvent): Promise<void> => {
  for (const record of event.Records) {
    const { id } = JSON.parse(record.body) as { id: string };
    await s3.send(
      new PutObjectCommand({
        Bucket: process.env.BUCKET,
        Key: `receipts/${id}.txt`,
        Body: await receiptFor(id),
      }),
    );
  }
};

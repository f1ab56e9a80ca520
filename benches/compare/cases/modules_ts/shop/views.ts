import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";

const kinesis = new KinesisClient({});

export const viewed = async (id: string) =>
  kinesis.send(new PutRecordCommand({ StreamName: "views", PartitionKey: id, Data: new TextEncoder().encode(id) }));

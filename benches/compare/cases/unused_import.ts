// What is imported and never sent.
// needs: s3:GetObject arn:aws:s3:::public/*
import { S3Client, GetObjectCommand, DeleteBucketCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";

const s3 = new S3Client({});

export const handler = async (event: { key: string }) => s3.send(new GetObjectCommand({ Bucket: "public", Key: event.key }));

export type Later = DeleteBucketCommand | PutBucketPolicyCommand;

// A command of the SDK v3, in a module file.
// needs: s3:PutObject arn:aws:s3:::receipts/*
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";

const s3 = new S3Client({});

export const handler = async (event) => s3.send(new PutObjectCommand({ Bucket: "receipts", Key: event.key, Body: "" }));

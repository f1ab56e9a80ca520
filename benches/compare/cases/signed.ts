// A presigned URL of the SDK v3.
// needs: s3:PutObject arn:aws:s3:::inbox/in/*
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const s3 = new S3Client({});

export const handler = async (event: { name: string }) =>
  getSignedUrl(s3, new PutObjectCommand({ Bucket: "inbox", Key: `in/${event.name}` }), { expiresIn: 60 });

// The managed upload.
// needs: s3:PutObject arn:aws:s3:::video/new.mp4
// needs: s3:AbortMultipartUpload arn:aws:s3:::video/new.mp4
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

export const handler = async (event: { body: string }) => {
  const upload = new Upload({ client: new S3Client({}), params: { Bucket: "video", Key: "new.mp4", Body: event.body } });
  await upload.done();
};

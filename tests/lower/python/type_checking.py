from typing import TYPE_CHECKING
import typing as t

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
else:
    S3Client = object
if t.TYPE_CHECKING:
    import mypy_boto3_sqs


def f(a: "S3Client", b: "t.Optional[mypy_boto3_sqs.SQSClient]" = None, c: "not a type" = 1) -> None:
    x: S3Client | None = a
    y: dict[str, list[int]]
    z: t.Callable[[int], str] = g()
    self.q: S3Client = a

from dataclasses import dataclass, field
from functools import cached_property


class Base:
    pass


@dataclass(frozen=True)
class Store(Base, mixins.Mixin, metaclass=make_meta()):
    """A store."""
    table: str
    client: "S3Client" = field(default_factory=make)
    kind: ClassVar[str] = "x"
    count = 0
    key = lambda self: self.table

    def __init__(self, table):
        super().__init__()
        super(Store, self).setup()
        self.table = table

    @property
    def name(self):
        return self._name

    @name.setter
    def name(self, value):
        self._name = value

    @name.deleter
    def name(self):
        del self._name

    @cached_property
    def cached(self): return boto3.client("s3")

    @staticmethod
    def make(x):
        return Store(x)

    @classmethod
    @logged("a")
    async def load(cls, x):
        async with cls.open(x) as f, lock:
            return await f.read()

    class Inner[T](Generic):
        def __new__(cls):
            return object.__new__(cls)

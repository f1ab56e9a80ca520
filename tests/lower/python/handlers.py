import logging
from mangum import Mangum

handler = logging.StreamHandler()
app_handler = Mangum(app)
lambda_handler = wrap(lambda event, context: 1)


def process(event, context):
    return 1


def helper(a, b):
    return a


def main_handler(event, _, client=None):
    def inner_handler(event, context):
        pass
    return inner_handler


class C:
    def handler(self, event, context):
        pass


if __name__ == "__main__":
    process({}, None)

# Sessions, and a client that is a parameter.
# needs: ssm:GetParameter arn:aws:ssm:*:*:parameter/app/mode
# needs: events:PutEvents arn:aws:events:*:*:event-bus/main
from boto3.session import Session

session = Session()


def mode(ssm):
    return ssm.get_parameter(Name="/app/mode")["Parameter"]["Value"]


def tell(bus, detail):
    bus.put_events(Entries=[{"EventBusName": "main", "Source": "app", "DetailType": "mode", "Detail": detail}])


def handler(event, context):
    tell(session.client("events"), mode(session.client("ssm")))

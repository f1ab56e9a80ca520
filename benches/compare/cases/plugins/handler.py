# A module is loaded by a name that only the event knows.
# needs: sns:Publish arn:aws:sns:eu-west-1:123456789012:reports
# Either identity may be the one that is verified.
# needs: ses:SendEmail arn:aws:ses:*:*:identity/a@example.com
# needs: ses:SendEmail arn:aws:ses:*:*:identity/example.com
import importlib


def handler(event, context):
    return importlib.import_module(f"channels.{event['channel']}").send(event["text"])

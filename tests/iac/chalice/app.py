import os

from chalice import Chalice, Rate
from chalicelib.admin import admin

app = Chalice(app_name="photos")
app.register_blueprint(admin)


@app.route("/")
def index():
    return {}


@app.middleware("all")
def log(event, get_response):
    return get_response(event)


@app.on_s3_event(bucket=os.environ["BUCKET"])
def resize(event):
    pass


@app.on_sqs_message(queue="jobs", name="worker")
def work(event):
    pass


@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event):
    pass


@app.lambda_function()
def plain(event, context):
    pass


@cache.route("/")
def unrelated():
    pass

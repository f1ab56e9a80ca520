def nightly(event, context):
    pass

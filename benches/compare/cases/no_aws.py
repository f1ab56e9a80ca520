# No AWS in it at all.
# needs-nothing
import json

import requests


class Directory:
    def __init__(self):
        self.users = {}

    def list_users(self):
        return list(self.users)

    def delete(self, name):
        self.users.pop(name, None)


def handler(event, context):
    with open("settings.json") as file:
        settings = json.load(file)
    headers = dict(settings["headers"]).copy()
    requests.delete(settings["url"], headers=headers, timeout=5)
    directory = Directory()
    directory.delete("someone")
    return directory.list_users()

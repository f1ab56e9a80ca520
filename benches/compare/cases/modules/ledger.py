class Ledger:
    def __init__(self, client):
        self.client = client

    def book(self, entry):
        self.client.put_item(TableName="ledger", Item={"id": {"S": entry["id"]}})

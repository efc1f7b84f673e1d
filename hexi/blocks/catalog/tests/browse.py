"""Pages of the catalogue asked for and read, for its tests."""

import io
import re

from django.test import Client
from openpyxl import load_workbook

from hexi.blocks.people.models import Account

HOME = "/work/catalog/"


def client_of(actor):
    client = Client(HTTP_HOST="localhost")
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace(" ：", "：")


def workbook_of(client, **query):
    answer = client.get(f"{HOME}export/", query)
    return answer.content, [
        list(row) for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    ]


def taken(client, octets, name="catalogue.xlsx"):
    file = io.BytesIO(octets)
    file.name = name
    return client.post(f"{HOME}import/", {"file": file})

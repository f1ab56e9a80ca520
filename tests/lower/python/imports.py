import boto3
import os.path, json as j
import a.b.c
import x.y as z
from boto3.dynamodb.conditions import Key, Attr as A
from . import sibling
from ..pkg.mod import (
    one,  # first
    two as deux,
)
from helpers import *
from __future__ import annotations

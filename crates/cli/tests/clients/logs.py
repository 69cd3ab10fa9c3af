"""Prints what the function `FUNCTION` logged, without what differs from run to run."""

import os
import re

import boto3

logs = boto3.client("logs")
VARYING = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"(Duration|Billed Duration|Init Duration|Max Memory Used): [\d.]+", r"\1: N"),
    (r"\s+", " "),
]
groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
(group,) = [name for name in groups if os.environ["FUNCTION"] in name]
pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
for message in pages.search("events[].message"):
    for pattern, name in VARYING:
        message = re.sub(pattern, name, message)
    print(message.rstrip())

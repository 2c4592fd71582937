"""The simulator of session.sh: an answer to Ask or Tell on standard input, the Tell for its lease
on standard output; nothing when the study has ended."""

import json
import sys


def loss(point):
    return (point["r_kohm"] - 4.7) ** 2 + (point["stages"] - 3) ** 2 + (point["kind"] != "bessel")


answer = json.load(sys.stdin)
answer = answer.get("next", answer)
if "lease" in answer:
    lease = answer["lease"]
    columns = {}
    for column in lease["named"]["columns"]:
        # {"name": "x", "real": {"values": [...]}}: the other key is the type.
        values = next(v for key, v in column.items() if key != "name")["values"]
        columns[column["name"]] = values
    # ProtoJSON writes 64-bit integers as strings and leaves out zeros.
    columns["stages"] = [int(v) for v in columns["stages"]]
    points = [dict(zip(columns, row)) for row in zip(*columns.values())]
    print(json.dumps({
        "study": "studies/by-hand", "token": lease["token"], "step": lease.get("step", "0"),
        "slices": [{"firstIndex": lease.get("firstIndex", 0), "losses": [loss(p) for p in points]}],
        "next": json.loads(sys.argv[1])}))
elif answer["studyState"] == "ACTIVE":
    sys.exit("no work within the wait, though no other worker is there")

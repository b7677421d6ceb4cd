"""Reads every operation of the simulator with boto3 and aws-cli, and checks the figures against one another.

    python read_simulator.py http://127.0.0.1:PORT

The simulator must run `az-outage`, some 20 minutes old, at a scale of at least 3. One line a check; exits 1 when one
fails. Nothing here was written for the simulator but the checks: requests and parsers are botocore's.
"""

import datetime
import email.utils
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

ENDPOINT = sys.argv[1]
REGION = "ap-northeast-1"

os.environ.update(
    AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY="example",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_DEFAULT_REGION=REGION,
    NO_PROXY="127.0.0.1,localhost",
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)

import boto3  # noqa: E402  (after the environment that it reads)
import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402
import botocore.loaders  # noqa: E402
import botocore.session  # noqa: E402

failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(("ok    " if good else "FAIL  ") + name + (f": {detail}" if detail or not good else ""), flush=True)


def equal(name, got, want):
    same = got == want
    check(name, same, "" if same else f"{str(got)[:400]} is not {str(want)[:400]}")


class OneProtocol(botocore.loaders.Loader):
    """Loads the models that botocore has, with CloudWatch speaking one protocol only."""

    def __init__(self, protocol):
        super().__init__()
        self.protocol = protocol

    def load_service_model(self, service_name, type_name, api_version=None):
        model = super().load_service_model(service_name, type_name, api_version)
        if service_name == "cloudwatch" and type_name == "service-2":
            model["metadata"]["protocol"] = self.protocol
            model["metadata"]["protocols"] = [self.protocol]
        return model


def client(service, region=REGION, protocol=None, key=None):
    session = botocore.session.Session()
    if protocol:
        session.register_component("data_loader", OneProtocol(protocol))
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    credentials = {"aws_access_key_id": key, "aws_secret_access_key": "any"} if key else {}
    return boto3.Session(botocore_session=session, **credentials).client(
        service, region_name=region, endpoint_url=ENDPOINT, config=config
    )


def pages(api, operation, key, size=None, **members):
    """All items through botocore's own paginator, and how many pages they took."""
    settings = {"PaginationConfig": {"PageSize": size}} if size else {}
    found, count = [], 0
    for page in api.get_paginator(operation).paginate(**members, **settings):
        count += 1
        found.extend(page[key])
    return found, count


def paged_equals_whole(api, operation, key, size, at_least=2, whole=None, **members):
    """Small pages give what large ones give."""
    all_items, _ = pages(api, operation, key, whole, **members)
    small, count = pages(api, operation, key, size, **members)
    name = f"{api.meta.service_model.service_name} {operation}: {len(all_items)} items, {count} pages of {size}"
    check(name, small == all_items and bool(all_items) and count >= at_least)
    return all_items


def error_code(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


def instant():
    """The simulator's time: its answers are dated by it."""
    request = urllib.request.Request(ENDPOINT, data=b"Action=none")
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as answer:
        return email.utils.parsedate_to_datetime(answer.headers["Date"])
    raise SystemExit("the simulator answered a request without a signature")


NOW = instant().replace(second=0, microsecond=0)


def ago(**units):
    return NOW - datetime.timedelta(**units)


def read_accounts():
    """An access key is an account: its own number, fleet, trail, bill and alarms."""
    main, staging = "AKIDDEMO", "AKIDDEMOSTAGING"
    asked = {key: client("sts", key=key).get_caller_identity() for key in (main, staging, "AKIDANYOTHER")}
    numbers = [asked[key]["Account"] for key in asked]
    equal("accounts: their numbers", numbers, ["123456789012", "210987654321", "123456789012"])
    check("accounts: their callers", all(a["Account"] in a["Arn"] for a in asked.values()))

    def fleet(key):
        found = pages(client("ec2", key=key), "describe_instances", "Reservations")[0]
        equal(f"accounts: owner of {key}'s instances", {r["OwnerId"] for r in found}, {asked[key]["Account"]})
        return {i["InstanceId"] for r in found for i in r["Instances"]}

    ours, theirs = fleet(main), fleet(staging)
    check("accounts: no instance in common", bool(theirs) and not ours & theirs, f"{len(ours)} and {len(theirs)}")
    groups = client("elbv2", key=staging).describe_target_groups()["TargetGroups"]
    equal("accounts: staging's target group", [g["TargetGroupName"] for g in groups], ["stg-web-tg"])
    check("accounts: in its ARN", ":210987654321:" in groups[0]["TargetGroupArn"], groups[0]["TargetGroupArn"])
    alarms = pages(client("cloudwatch", key=staging), "describe_alarms", "MetricAlarms")[0]
    check("accounts: staging's alarms", bool(alarms) and all(":210987654321:" in a["AlarmArn"] for a in alarms))
    events = pages(client("cloudtrail", key=staging), "lookup_events", "Events", StartTime=ago(hours=6), EndTime=NOW)[0]
    recipients = {json.loads(e["CloudTrailEvent"])["recipientAccountId"] for e in events}
    equal("accounts: staging's trail", recipients, {"210987654321"})

    def charges(key):
        query = {
            "Id": "bill",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Billing",
                    "MetricName": "EstimatedCharges",
                    "Dimensions": [{"Name": "Currency", "Value": "USD"}],
                },
                "Period": 21600,
                "Stat": "Maximum",
            },
        }
        api = client("cloudwatch", "us-east-1", key=key)
        return api.get_metric_data(MetricDataQueries=[query], StartTime=ago(days=2), EndTime=NOW)["MetricDataResults"][0]

    bills = [charges(key)["Values"][0] for key in (main, staging)]
    check("accounts: a bill each, staging's the smaller", bills[0] > bills[1] * 5 > 0, str(bills))
    for key in (main, staging):
        regions = {r["RegionName"] for r in client("ec2", key=key).describe_regions()["Regions"]}
        check(f"accounts: {key}'s regions", {"ap-northeast-1", "us-east-1"} <= regions)


SERVICES = {
    "AWS/ApiGateway": {"ApiName", "Stage"},
    "AWS/CloudFront": {"DistributionId", "Region"},
    "AWS/DynamoDB": {"TableName"},
    "AWS/EBS": {"VolumeId"},
    "AWS/ECS": {"ClusterName", "ServiceName"},
    "AWS/EFS": {"FileSystemId"},
    "AWS/ElastiCache": {"CacheClusterId"},
    "AWS/Firehose": {"DeliveryStreamName"},
    "AWS/Kinesis": {"StreamName"},
    "AWS/Lambda": {"FunctionName"},
    "AWS/NATGateway": {"NatGatewayId"},
    "AWS/RDS": {"DBInstanceIdentifier"},
    "AWS/Redshift": {"ClusterIdentifier"},
    "AWS/Route53": {"HealthCheckId"},
    "AWS/S3": {"BucketName", "StorageType"},
    "AWS/SNS": {"TopicName"},
    "AWS/SQS": {"QueueName"},
    "AWS/States": {"StateMachineArn"},
}


def read_services():
    """Metrics of managed services: listed under the dimensions that AWS gives them, and readable."""
    for namespace, names in SERVICES.items():
        api = client("cloudwatch", "us-east-1" if namespace in ("AWS/CloudFront", "AWS/Route53") else REGION)
        metrics = pages(api, "list_metrics", "Metrics", Namespace=namespace)[0]
        named = [m for m in metrics if {d["Name"] for d in m["Dimensions"]} == names]
        active = pages(api, "list_metrics", "Metrics", Namespace=namespace, RecentlyActive="PT3H")[0]
        daily = namespace == "AWS/S3"
        equal(f"services: {namespace} recently active", len(active), 0 if daily else len(metrics))
        queries = [
            {"Id": f"q{n}", "MetricStat": {"Metric": m, "Period": 86400 if daily else 60, "Stat": "Average"}}
            for n, m in enumerate(named[:100])
        ]
        window = {"StartTime": ago(days=3) if daily else ago(hours=1), "EndTime": NOW}
        found = series(pages(api, "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **window)[0])
        empty = [m for n, m in enumerate(named[:100]) if not found.get(f"q{n}")]
        check(f"services: {namespace} can be read", bool(named) and not empty, f"{len(named)} metrics {empty[:2] or ''}")


def read_ec2():
    ec2 = client("ec2")
    reservations = pages(ec2, "describe_instances", "Reservations")[0]
    instances = [i for r in reservations for i in r["Instances"]]
    small, count = pages(ec2, "describe_instances", "Reservations", 5)
    equal("ec2 describe_instances: pages of 5", [i for r in small for i in r["Instances"]], instances)
    check("ec2 describe_instances: several pages", count > 1, f"{len(instances)} instances, {count} pages")
    names = [t["Value"] for i in instances for t in i["Tags"] if t["Key"] == "Name"]
    check("ec2 describe_instances: names", len(names) == len(instances))
    running = {i["InstanceId"] for i in instances if i["State"]["Name"] == "running"}
    statuses = paged_equals_whole(ec2, "describe_instance_status", "InstanceStatuses", 5)
    equal("ec2 describe_instance_status: the running ones", {s["InstanceId"] for s in statuses}, running)
    everyone = pages(ec2, "describe_instance_status", "InstanceStatuses", IncludeAllInstances=True)[0]
    equal("ec2 describe_instance_status: all", len(everyone), len(instances))
    group = [{"Name": "tag:aws:autoscaling:groupName", "Values": ["web-asg"]}]
    tagged = pages(ec2, "describe_instances", "Reservations", Filters=group)[0]
    by_tag = {i["InstanceId"] for r in tagged for i in r["Instances"]}
    subnets = pages(ec2, "describe_subnets", "Subnets")[0]
    check("ec2 describe_subnets", {"ap-northeast-1a", "ap-northeast-1c"} <= {s["AvailabilityZone"] for s in subnets})
    homes = {i["SubnetId"] for i in instances if "SubnetId" in i}
    check("ec2 describe_subnets: every instance's", homes <= {s["SubnetId"] for s in subnets})
    regions = ec2.describe_regions()["Regions"]
    check("ec2 describe_regions", {"ap-northeast-1", "us-east-1"} <= {r["RegionName"] for r in regions})
    volumes = paged_equals_whole(ec2, "describe_volumes", "Volumes", 5)
    attached = {a["InstanceId"] for v in volumes for a in v["Attachments"]}
    check("ec2 describe_volumes: every running instance's", running <= attached)
    spot = paged_equals_whole(
        ec2, "describe_spot_price_history", "SpotPriceHistory", 10, StartTime=NOW, ProductDescriptions=["Linux/UNIX"]
    )
    check("ec2 describe_spot_price_history", all(float(s["SpotPrice"]) > 0 for s in spot))
    denied = error_code(lambda: ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"]))
    equal("ec2: an unknown id", denied, ("InvalidInstanceID.NotFound", 400))
    equal("ec2: an unknown operation", error_code(ec2.describe_vpcs), ("InvalidAction", 400))
    return instances, by_tag


def read_balancers():
    elb, elbv2 = client("elb"), client("elbv2")
    classic = paged_equals_whole(elb, "describe_load_balancers", "LoadBalancerDescriptions", 1, at_least=1)
    by_name = {b["LoadBalancerName"]: b for b in classic}
    registered = {i["InstanceId"] for i in by_name["web-clb"]["Instances"]}
    health = elb.describe_instance_health(LoadBalancerName="web-clb")["InstanceStates"]
    equal("elb describe_instance_health: who is registered", {h["InstanceId"] for h in health}, registered)
    out = sum(h["State"] == "OutOfService" for h in health)
    check("elb describe_instance_health: the zone that is out", out > 0, f"{out} of {len(health)}")
    tags = elb.describe_tags(LoadBalancerNames=["web-clb"])["TagDescriptions"]
    equal("elb describe_tags", [t["LoadBalancerName"] for t in tags], ["web-clb"])
    missing = error_code(lambda: elb.describe_instance_health(LoadBalancerName="nope"))
    equal("elb: an unknown balancer", missing, ("LoadBalancerNotFound", 400))

    balancers = paged_equals_whole(elbv2, "describe_load_balancers", "LoadBalancers", 1)
    equal("elbv2: kinds", {b["Type"] for b in balancers}, {"application", "network"})
    groups = paged_equals_whole(elbv2, "describe_target_groups", "TargetGroups", 1)
    unhealthy = {}
    for group in groups:
        targets = elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        check(f"elbv2 describe_target_health: {group['TargetGroupName']}", bool(targets), f"{len(targets)} targets")
        states = [t["TargetHealth"]["State"] for t in targets]
        unhealthy[group["TargetGroupName"]] = (group, states.count("unhealthy"))
    arns = [group["TargetGroupArn"] for group in groups][:20]
    tags = elbv2.describe_tags(ResourceArns=arns)["TagDescriptions"]
    equal("elbv2 describe_tags", [t["ResourceArn"] for t in tags], arns)
    missing = error_code(lambda: elbv2.describe_target_groups(Names=["nope"]))
    equal("elbv2: an unknown group", missing, ("TargetGroupNotFound", 400))
    return unhealthy


def read_scaling(by_tag):
    scaling = client("autoscaling")
    groups = paged_equals_whole(scaling, "describe_auto_scaling_groups", "AutoScalingGroups", 1)
    web = next(g for g in groups if g["AutoScalingGroupName"] == "web-asg")
    check("autoscaling: sizes", web["MinSize"] <= web["DesiredCapacity"] <= web["MaxSize"])
    members = {i["InstanceId"] for i in web["Instances"]}
    check("autoscaling: members have the group's tag", bool(members) and members <= by_tag)
    found = paged_equals_whole(scaling, "describe_scaling_activities", "Activities", 3)
    check("autoscaling: newest first", all(a["StartTime"] >= b["StartTime"] for a, b in zip(found, found[1:])))
    one = pages(scaling, "describe_scaling_activities", "Activities", AutoScalingGroupName="web-asg")[0]
    equal("autoscaling: of one group", one, [a for a in found if a["AutoScalingGroupName"] == "web-asg"])


def queries():
    def metric(name, stat):
        dimensions = [{"Name": "LoadBalancerName", "Value": "web-clb"}]
        wanted = {"Namespace": "AWS/ELB", "MetricName": name, "Dimensions": dimensions}
        return {"Metric": wanted, "Period": 60, "Stat": stat}

    return [
        {"Id": "sum", "MetricStat": metric("RequestCount", "Sum")},
        {"Id": "p99", "MetricStat": metric("Latency", "p99")},
        {"Id": "rate", "Expression": "sum / PERIOD(sum)"},
        {"Id": "filled", "Expression": "FILL(sum, 0) + 0"},
    ]


def series(results):
    found = {}
    for result in results:
        found.setdefault(result["Id"], []).extend(zip(result["Timestamps"], result["Values"]))
    return found


def read_alarm_types(api, protocol):
    """Alarms on math, on a band, on a percentile, and on other alarms."""
    both = ["MetricAlarm", "CompositeAlarm"]
    whole = next(iter(api.get_paginator("describe_alarms").paginate(AlarmTypes=both)))
    metric = {a["AlarmName"]: a for a in whole["MetricAlarms"]}
    composite = {a["AlarmName"]: a for a in whole["CompositeAlarms"]}
    names = []
    for page in api.get_paginator("describe_alarms").paginate(AlarmTypes=both, PaginationConfig={"PageSize": 3}):
        names += [a["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for a in page[kind]]
    equal(f"{protocol} alarm types: pages", sorted(names), sorted([*metric, *composite]))
    check(f"{protocol} alarm types: without any, only metric alarms", not api.describe_alarms()["CompositeAlarms"])
    only = api.describe_alarms(AlarmTypes=["CompositeAlarm"])
    equal(f"{protocol} alarm types: composite only", (only["MetricAlarms"], len(only["CompositeAlarms"])), ([], 2))

    share = metric["web-clb-5xx-share"]
    ids = {q["Id"]: q for q in share["Metrics"]}
    check(f"{protocol} alarm types: math", "MetricName" not in share and "/ requests" in ids["share"]["Expression"])
    equal(f"{protocol} alarm types: math's metric", ids["own"]["MetricStat"]["Metric"]["MetricName"], "HTTPCode_ELB_5XX")
    equal(f"{protocol} alarm types: what is watched", [i for i in ids if ids[i]["ReturnData"]], ["share"])
    window = {"StartTime": ago(minutes=60), "EndTime": ago(minutes=30)}
    asked = api.get_metric_data(MetricDataQueries=share["Metrics"], **window)["MetricDataResults"]
    check(f"{protocol} alarm types: math can be asked for", [r["Id"] for r in asked] == ["share"] and asked[0]["Values"])

    anomaly = metric["web-clb-requests-anomaly"]
    equal(f"{protocol} alarm types: band", (anomaly["ThresholdMetricId"], "Threshold" in anomaly), ("ad1", False))
    asked = api.get_metric_data(MetricDataQueries=anomaly["Metrics"], **window)["MetricDataResults"]
    lines = [dict(zip(r["Timestamps"], r["Values"])) for r in asked if r["Id"] == "ad1"]
    values = {t: v for r in asked if r["Id"] == "m1" for t, v in zip(r["Timestamps"], r["Values"])}
    within = len(lines) == 2 and all(min(x[t] for x in lines) < v < max(x[t] for x in lines) for t, v in values.items())
    check(f"{protocol} alarm types: an ordinary half hour is within the band", within and len(values) == 30)

    slow = metric["web-clb-p99-latency"]
    got = (slow["ExtendedStatistic"], slow["EvaluateLowSampleCountPercentile"], "Statistic" in slow)
    equal(f"{protocol} alarm types: percentile", got, ("p99", "ignore", False))

    down = composite["shop-down"]
    check(f"{protocol} alarm types: composite", "ALARM(web-tier)" in down["AlarmRule"], down["AlarmRule"])
    equal(f"{protocol} alarm types: a zone that is out calls somebody", down["StateValue"], "ALARM")
    children = api.describe_alarms(ChildrenOfAlarmName="shop-down")
    found = {a["AlarmName"]: a["StateValue"] for kind in ("MetricAlarms", "CompositeAlarms") for a in children[kind]}
    want = ["api-tg-unhealthy-hosts", "img-tg-unhealthy-hosts", "orders-oldest-message", "web-tier"]
    equal(f"{protocol} alarm types: children", sorted(found), want)
    equal(f"{protocol} alarm types: a child's state", found["api-tg-unhealthy-hosts"], "ALARM")
    parents = api.describe_alarms(ParentsOfAlarmName="web-tier")["CompositeAlarms"]
    equal(f"{protocol} alarm types: parents", [a["AlarmName"] for a in parents], ["shop-down"])
    refused = error_code(lambda: api.describe_alarms(ParentsOfAlarmName="web-tier", StateValue="OK"))
    equal(f"{protocol} alarm types: parents and more", refused, ("ValidationError", 400))
    history = pages(api, "describe_alarm_history", "AlarmHistoryItems", AlarmTypes=["CompositeAlarm"])[0]
    got = {(h["AlarmName"], h["AlarmType"]) for h in history}
    equal(f"{protocol} alarm types: history", got, {("shop-down", "CompositeAlarm")})
    item = json.loads(history[0]["HistoryData"])
    check(f"{protocol} alarm types: history's data", item["newState"]["stateReasonData"]["triggeringAlarms"])


def read_metrics(protocol, unhealthy):
    api = client("cloudwatch", protocol=protocol)
    equal(f"cloudwatch speaks {protocol}", api.meta.service_model.resolved_protocol, protocol)
    window = {"StartTime": ago(minutes=90), "EndTime": ago(minutes=30)}
    whole = series(pages(api, "get_metric_data", "MetricDataResults", MetricDataQueries=queries(), **window)[0])
    small, count = pages(api, "get_metric_data", "MetricDataResults", 17, MetricDataQueries=queries(), **window)
    equal(f"{protocol} get_metric_data: {count} pages of 17 points", series(small), whole)
    equal(f"{protocol} get_metric_data: a point a minute", len(whole["sum"]), 60)
    rates = [(t, round(v * 60, 6)) for t, v in whole["rate"]]
    equal(f"{protocol} get_metric_data: math", rates, [(t, round(v, 6)) for t, v in whole["sum"]])
    minutes = dict(whole["sum"])
    for phase in range(5):
        # Periods are counted from StartTime's whole minute, whatever the clock's grid.
        start = ago(minutes=90 - phase)
        five = [dict(queries()[0], MetricStat=dict(queries()[0]["MetricStat"], Period=300))]
        asked = {"StartTime": start + datetime.timedelta(seconds=31), "EndTime": start + datetime.timedelta(minutes=50)}
        got = series(pages(api, "get_metric_data", "MetricDataResults", MetricDataQueries=five, **asked)[0])["sum"]
        begins = [start + datetime.timedelta(minutes=5 * n) for n in range(10)]
        sums = [sum(minutes[t + datetime.timedelta(minutes=m)] for m in range(5)) for t in begins]
        equal(f"{protocol} get_metric_data: five minutes from {start:%H:%M}", sorted(got), list(zip(begins, sums)))
    for name, wanted in [
        ("RequestCount", {"Statistics": ["Sum", "Average"]}),
        ("Latency", {"ExtendedStatistics": ["p99"]}),
    ]:
        points = api.get_metric_statistics(
            Namespace="AWS/ELB",
            MetricName=name,
            Dimensions=[{"Name": "LoadBalancerName", "Value": "web-clb"}],
            Period=60,
            **wanted,
            **window,
        )["Datapoints"]
        value = (lambda p: p["Sum"]) if name == "RequestCount" else (lambda p: p["ExtendedStatistics"]["p99"])
        got = sorted(((p["Timestamp"], value(p)) for p in points), reverse=True)
        equal(f"{protocol} get_metric_statistics: {name}", got, whole["sum" if name == "RequestCount" else "p99"])

    metrics, count = pages(api, "list_metrics", "Metrics")
    check(f"{protocol} list_metrics: {len(metrics)} metrics, {count} pages", len(metrics) > 500 and count > 1)
    keys = [json.dumps(m, sort_keys=True) for m in metrics]
    equal(f"{protocol} list_metrics: each once", len(set(keys)), len(keys))
    active = pages(api, "list_metrics", "Metrics", RecentlyActive="PT3H", Namespace="AWS/ELB")[0]
    check(f"{protocol} list_metrics: active ones", bool(active) and all(m["Namespace"] == "AWS/ELB" for m in active))

    read_alarm_types(api, protocol)
    alarms = paged_equals_whole(api, "describe_alarms", "MetricAlarms", 2)
    for state in ("OK", "ALARM", "INSUFFICIENT_DATA"):
        some = pages(api, "describe_alarms", "MetricAlarms", StateValue=state)[0]
        equal(f"{protocol} describe_alarms: {state}", some, [a for a in alarms if a["StateValue"] == state])
    history = pages(api, "describe_alarm_history", "AlarmHistoryItems")[0]
    small = pages(api, "describe_alarm_history", "AlarmHistoryItems", 2)[0]
    check(f"{protocol} describe_alarm_history: pages", small == history and bool(history), f"{len(history)} items")
    for alarm in alarms:
        latest = next((h for h in history if h["AlarmName"] == alarm["AlarmName"]), None)
        if latest and alarm["StateValue"] not in latest["HistorySummary"].split(" to ")[-1]:
            check(f"{protocol} describe_alarm_history: {alarm['AlarmName']} ends in its state", False, str(latest))

    group, sick = unhealthy["api-tg"]
    dimensions = [
        {"Name": "LoadBalancer", "Value": group["LoadBalancerArns"][0].split(":loadbalancer/")[1]},
        {"Name": "TargetGroup", "Value": group["TargetGroupArn"].rsplit(":", 1)[1]},
    ]
    stat = {"Namespace": "AWS/ApplicationELB", "MetricName": "UnHealthyHostCount", "Dimensions": dimensions}
    query = [{"Id": "sick", "MetricStat": {"Metric": stat, "Period": 60, "Stat": "Maximum"}}]
    latest = api.get_metric_data(MetricDataQueries=query, StartTime=ago(minutes=10), EndTime=NOW)
    values = latest["MetricDataResults"][0]["Values"]
    equal(f"{protocol}: unhealthy targets of api-tg, as their metric has them", values[:1], [float(sick)])

    def many():
        return [dict(queries()[0], Id=f"m{i}") for i in range(501)]

    refused = error_code(lambda: api.get_metric_data(MetricDataQueries=many(), **window))
    equal(f"{protocol}: 501 queries", refused, ("ValidationError", 400))
    refused = error_code(
        lambda: api.get_metric_statistics(
            Namespace="AWS/ELB", MetricName="Latency", StartTime=ago(days=2), EndTime=NOW, Period=60, Statistics=["Sum"]
        )
    )
    equal(f"{protocol}: more than 1,440 points", refused[1], 400)
    return whole


def read_trail():
    trail = client("cloudtrail")
    window = {"StartTime": ago(hours=2), "EndTime": NOW}
    events = paged_equals_whole(trail, "lookup_events", "Events", 10, **window)
    check("cloudtrail: newest first", all(a["EventTime"] >= b["EventTime"] for a, b in zip(events, events[1:])))
    inner = [json.loads(e["CloudTrailEvent"]) for e in events]
    equal("cloudtrail: names", [i["eventName"] for i in inner], [e["EventName"] for e in events])
    equal("cloudtrail: ReadOnly is a text", {type(e["ReadOnly"]) for e in events}, {str})
    name = events[0]["EventName"]
    attribute = [{"AttributeKey": "EventName", "AttributeValue": name}]
    some = pages(trail, "lookup_events", "Events", LookupAttributes=attribute, **window)[0]
    equal(f"cloudtrail: {name} only", some, [e for e in events if e["EventName"] == name])
    refused = error_code(lambda: trail.lookup_events(LookupAttributes=attribute * 2))
    equal("cloudtrail: two attributes", refused, ("InvalidLookupAttributesException", 400))


def read_prices(instances):
    pricing = client("pricing", "us-east-1")
    wanted = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION}]
    items = paged_equals_whole(pricing, "get_products", "PriceList", 3, ServiceCode="AmazonEC2", Filters=wanted)
    products = [json.loads(item)["product"]["attributes"] for item in items]
    equal("pricing: of the region", {p["regionCode"] for p in products}, {REGION})
    types = {i["InstanceType"] for i in instances}
    check("pricing: every type in use has a price", types <= {p["instanceType"] for p in products}, str(types))
    refused = error_code(lambda: pricing.get_products(ServiceCode="AmazonNope"))
    equal("pricing: an unknown service", refused, ("InvalidParameterException", 400))


def aws(*arguments):
    command = [os.path.join(os.path.dirname(sys.executable), "aws"), "--endpoint-url", ENDPOINT, "--output", "json"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip()}
    return json.loads(done.stdout)


def read_with_aws_cli(instances, whole):
    identity = aws("sts", "get-caller-identity")
    equal("aws sts get-caller-identity", identity.get("Account"), "123456789012")
    answer = aws("ec2", "describe-instances", "--page-size", "5")
    ids = [i["InstanceId"] for r in answer.get("Reservations", []) for i in r["Instances"]]
    equal("aws ec2 describe-instances", ids, [i["InstanceId"] for i in instances])
    answer = aws("elb", "describe-instance-health", "--load-balancer-name", "web-clb")
    check("aws elb describe-instance-health", bool(answer.get("InstanceStates")), answer.get("failed", ""))
    answer = aws("elbv2", "describe-target-groups")
    check("aws elbv2 describe-target-groups", len(answer.get("TargetGroups", [])) > 1, answer.get("failed", ""))
    answer = aws("autoscaling", "describe-auto-scaling-groups", "--page-size", "1")
    check("aws autoscaling describe-auto-scaling-groups", bool(answer.get("AutoScalingGroups")), answer.get("failed", ""))
    answer = aws("cloudtrail", "lookup-events", "--max-items", "5")
    equal("aws cloudtrail lookup-events", len(answer.get("Events", [])), 5)
    answer = aws("cloudwatch", "describe-alarms", "--page-size", "2")
    check("aws cloudwatch describe-alarms", bool(answer.get("MetricAlarms")), answer.get("failed", ""))
    answer = aws("cloudwatch", "describe-alarms", "--alarm-types", "CompositeAlarm")
    names = [a["AlarmName"] for a in answer.get("CompositeAlarms", [])]
    equal("aws cloudwatch describe-alarms: composite", names, ["shop-down", "web-tier"])
    answer = aws("cloudwatch", "describe-alarm-history", "--alarm-name", "shop-down", "--alarm-types", "CompositeAlarm")
    check("aws cloudwatch describe-alarm-history: composite", bool(answer.get("AlarmHistoryItems")), answer.get("failed", ""))
    answer = aws(
        "cloudwatch",
        "get-metric-data",
        "--metric-data-queries",
        json.dumps(queries()),
        "--start-time",
        ago(minutes=90).isoformat(),
        "--end-time",
        ago(minutes=30).isoformat(),
    )
    values = {r["Id"]: r["Values"] for r in answer.get("MetricDataResults", [])}
    equal("aws cloudwatch get-metric-data", values.get("p99"), [v for _, v in whole["p99"]])


def main():
    account = client("sts").get_caller_identity()["Account"]
    equal("sts get_caller_identity", account, "123456789012")
    read_accounts()
    read_services()
    instances, by_tag = read_ec2()
    unhealthy = read_balancers()
    read_scaling(by_tag)
    found = {}
    for protocol in ("smithy-rpc-v2-cbor", "json", "query"):
        found[protocol] = read_metrics(protocol, unhealthy)
    check("the protocols agree", found["json"] == found["query"] == found["smithy-rpc-v2-cbor"])
    read_trail()
    read_prices(instances)
    read_with_aws_cli(instances, found["json"])
    print(f"{failures} failed" if failures else "all checks passed")
    sys.exit(1 if failures else 0)


main()

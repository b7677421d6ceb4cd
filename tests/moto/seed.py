"""Seeds a moto server with a fleet: instances, all three kinds of load balancer, a group.

usage: seed.py ENDPOINT

Credentials and region come from the environment. Prints one JSON object: what was made, by the names that AWS would
show, so that a test can look for them.
"""

import json
import sys

import boto3
from botocore.config import Config

# Names as people write them: Japanese, an emoji that is two cells wide, one made of three characters, and one that
# brings a terminal's control sequence (CSI in its one-character form, which XML can carry).
NAMES = ["本番-ウェブ", "🚀-api", "👩‍💻 bastion", "\u009b2Jbatch-1"]


def client(service, endpoint):
    bounded = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2})
    return boto3.client(service, endpoint_url=endpoint, config=bounded)


def image_id(ec2):
    images = ec2.describe_images(Owners=["amazon"])["Images"]
    return sorted(image["ImageId"] for image in images if image["Architecture"] == "x86_64")[0]


def run_instance(ec2, image, name, subnet):
    answer = ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": "Name", "Value": name}, {"Key": "環境", "Value": "本番"}],
            }
        ],
    )
    return answer["Instances"][0]["InstanceId"]


def target_group(elbv2, vpc, name, protocol, port, targets):
    arn = elbv2.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=vpc, TargetType="instance")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": target, "Port": port} for target in targets])
    return arn


def balancer(elbv2, name, kind, subnets, protocol, port, group):
    arn = elbv2.create_load_balancer(Name=name, Type=kind, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    elbv2.create_listener(
        LoadBalancerArn=arn,
        Protocol=protocol,
        Port=port,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def main():
    endpoint = sys.argv[1]
    ec2 = client("ec2", endpoint)
    elb = client("elb", endpoint)
    elbv2 = client("elbv2", endpoint)
    autoscaling = client("autoscaling", endpoint)

    subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda s: s["AvailabilityZone"])[:2]
    subnet_ids = [subnet["SubnetId"] for subnet in subnets]
    vpc = subnets[0]["VpcId"]
    image = image_id(ec2)
    instances = {name: run_instance(ec2, image, name, subnet_ids[n % 2]) for n, name in enumerate(NAMES)}
    ids = list(instances.values())

    elb.create_load_balancer(
        LoadBalancerName="moto-classic",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}],
        AvailabilityZones=[subnet["AvailabilityZone"] for subnet in subnets],
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName="moto-classic", Instances=[{"InstanceId": i} for i in ids[:2]]
    )
    elb.add_tags(LoadBalancerNames=["moto-classic"], Tags=[{"Key": "担当", "Value": "ウェブ班"}])

    api = target_group(elbv2, vpc, "moto-api-tg", "HTTP", 8080, ids[:3])
    img = target_group(elbv2, vpc, "moto-img-tg", "TCP", 9000, ids[2:])
    balancer(elbv2, "moto-api", "application", subnet_ids, "HTTP", 80, api)
    balancer(elbv2, "moto-img", "network", subnet_ids, "TCP", 9000, img)

    autoscaling.create_launch_configuration(
        LaunchConfigurationName="moto-launch", ImageId=image, InstanceType="t3.micro"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="moto-group-本番",
        LaunchConfigurationName="moto-launch",
        MinSize=1,
        MaxSize=3,
        DesiredCapacity=2,
        VPCZoneIdentifier=",".join(subnet_ids),
        Tags=[{"Key": "Name", "Value": "🚀-group-member", "PropagateAtLaunch": True}],
    )
    json.dump(
        {
            "instances": instances,
            "balancers": ["moto-classic", "moto-api", "moto-img"],
            "target_groups": ["moto-api-tg", "moto-img-tg"],
            "groups": ["moto-group-本番"],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()

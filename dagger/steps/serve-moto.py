#!/usr/bin/env python3
"""Serves AWS as moto does, with the resource types that moto's CloudFormation lacks.

Each added type is created through the ordinary API of its service, so the service's own model checks every value.
Usage: serve-moto.py PORT
"""
import re
import sys

import boto3
from moto.cloudformation.models import CloudFormationBackend
from moto.core.common_models import CloudFormationModel
from moto.server import main

# moto keeps models by the second part of their module's name.
__name__ = "moto.added"
ENDPOINT = f"http://127.0.0.1:{sys.argv[1]}"


def client(service, region):
    keys = {"aws_access_key_id": "moto", "aws_secret_access_key": "moto"}
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=region, **keys)


def camel(value):
    """Keys as the API of ECS writes them."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: camel(item) for key, item in value.items()}
    return value


def text(value):
    """A reference to another resource arrives as that resource."""
    return getattr(value, "physical_resource_id", value)


class ApiResource:
    """What an API call makes; moto looks for direct subclasses of its own model only, so this is mixed in."""

    def __init__(self, identity, **attributes):
        self.identity = identity
        self.attributes = attributes

    @property
    def physical_resource_id(self):
        return self.identity

    @classmethod
    def cloudformation_type(cls):
        return cls.TYPE

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, attribute):
        return self.attributes[attribute]

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = {key: text(value) for key, value in cloudformation_json["Properties"].items()}
        return cls.create(properties, region_name)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, *place):
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, *place)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """What these make goes with the network and the cluster that they belong to."""


class PrivateDnsNamespace(ApiResource, CloudFormationModel):
    TYPE = "AWS::ServiceDiscovery::PrivateDnsNamespace"

    @classmethod
    def create(cls, properties, region):
        api = client("servicediscovery", region)
        api.create_private_dns_namespace(**properties)
        known = api.list_namespaces()["Namespaces"]
        made = next(one for one in known if one["Name"] == properties["Name"])
        return cls(made["Id"], Arn=made["Arn"])


class DiscoveryService(ApiResource, CloudFormationModel):
    TYPE = "AWS::ServiceDiscovery::Service"

    @classmethod
    def create(cls, properties, region):
        for record in properties["DnsConfig"]["DnsRecords"]:
            record["TTL"] = int(record["TTL"])
        made = client("servicediscovery", region).create_service(**properties)["Service"]
        return cls(made["Id"], Arn=made["Arn"])


class DiscoveryInstance(ApiResource, CloudFormationModel):
    TYPE = "AWS::ServiceDiscovery::Instance"

    @classmethod
    def create(cls, properties, region):
        attributes = properties.pop("InstanceAttributes")
        client("servicediscovery", region).register_instance(**properties, Attributes=attributes)
        return cls(properties["InstanceId"])


class ClusterCapacityProviders(ApiResource, CloudFormationModel):
    TYPE = "AWS::ECS::ClusterCapacityProviderAssociations"

    @classmethod
    def create(cls, properties, region):
        client("ecs", region).put_cluster_capacity_providers(**camel(properties))
        return cls(properties["Cluster"])


class ScalableTarget(ApiResource, CloudFormationModel):
    TYPE = "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def create(cls, properties, region):
        bounds = {key: int(properties[key]) for key in ("MinCapacity", "MaxCapacity")}
        client("application-autoscaling", region).register_scalable_target(**{**properties, **bounds})
        names = (properties["ResourceId"], properties["ScalableDimension"], properties["ServiceNamespace"])
        return cls("|".join(names))


class ScalingPolicy(ApiResource, CloudFormationModel):
    TYPE = "AWS::ApplicationAutoScaling::ScalingPolicy"

    @classmethod
    def create(cls, properties, region):
        resource, dimension, namespace = properties.pop("ScalingTargetId").split("|")
        place = {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}
        made = client("application-autoscaling", region).put_scaling_policy(**place, **properties)
        return cls(made["PolicyARN"], Arn=made["PolicyARN"])


class SecurityGroupEgress(ApiResource, CloudFormationModel):
    TYPE = "AWS::EC2::SecurityGroupEgress"

    @classmethod
    def create(cls, properties, region):
        description = properties.get("Description", "")
        permission = {key: properties[key] for key in ("IpProtocol", "FromPort", "ToPort")}
        peer = {"GroupId": properties["DestinationSecurityGroupId"], "Description": description}
        client("ec2", region).authorize_security_group_egress(
            GroupId=properties["GroupId"], IpPermissions=[{**permission, "UserIdGroupPairs": [peer]}]
        )
        return cls(re.sub(r"\W+", "-", f"{properties['GroupId']} {peer['GroupId']} {permission['FromPort']}"))


execute_change_set = CloudFormationBackend.execute_change_set


def execute_and_remember(self, change_set_name, stack_name=None):
    """moto forgets the outputs of a stack that a change set made, and the defaults that its parameters had."""
    execute_change_set(self, change_set_name, stack_name)
    known = {one.change_set_name: one for one in self.change_sets.values()}
    change_set = self.change_sets.get(change_set_name) or known[change_set_name]
    stack = self.stacks[change_set.stack_id]
    stack.template_dict = change_set.template_dict
    defaults = {
        name: one["Default"] for name, one in stack.template_dict["Parameters"].items() if "Default" in one
    }
    stack.parameters = {**defaults, **change_set.parameters}
    stack.resource_map.input_parameters = stack.parameters
    stack.output_map = stack._create_output_map()


CloudFormationBackend.execute_change_set = execute_and_remember
main(["--host", "127.0.0.1", "--port", sys.argv[1]])

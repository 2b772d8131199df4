"""What `Ref` and `Fn::GetAtt` give for a resource: its name, ARN or address, as far as a template alone can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..standins import StandIn, arn, bucket_name, like, word

# service and resource part of the ARN
_ARNS: Mapping[str, tuple[str, str]] = {
    "AWS::ApiGateway::RestApi": ("apigateway", "/restapis/{name}"),
    "AWS::CloudFormation::Stack": ("cloudformation", "stack/{name}/00000000-0000-0000-0000-000000000000"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "alarm:{name}"),
    "AWS::CodeBuild::Project": ("codebuild", "project/{name}"),
    "AWS::CodeCommit::Repository": ("codecommit", "{name}"),
    "AWS::CodeConnections::Connection": ("codeconnections", "connection/{name}"),
    "AWS::CodeDeploy::Application": ("codedeploy", "application:{name}"),
    "AWS::CodePipeline::Pipeline": ("codepipeline", "{name}"),
    "AWS::CodeStarConnections::Connection": ("codestar-connections", "connection/{name}"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/{name}"),
    "AWS::ECR::Repository": ("ecr", "repository/{name}"),
    "AWS::ECS::Cluster": ("ecs", "cluster/{name}"),
    "AWS::ECS::Service": ("ecs", "service/{name}"),
    "AWS::ECS::TaskDefinition": ("ecs", "task-definition/{name}:1"),
    "AWS::ElasticLoadBalancingV2::Listener": ("elasticloadbalancing", "listener/app/{name}"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elasticloadbalancing", "loadbalancer/app/{name}"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("elasticloadbalancing", "targetgroup/{name}"),
    "AWS::Events::Rule": ("events", "rule/{name}"),
    "AWS::IAM::InstanceProfile": ("iam", "instance-profile{path}{name}"),
    "AWS::IAM::ManagedPolicy": ("iam", "policy{path}{name}"),
    "AWS::IAM::Role": ("iam", "role{path}{name}"),
    "AWS::IAM::User": ("iam", "user{path}{name}"),
    "AWS::KMS::Alias": ("kms", "{name}"),
    "AWS::KMS::Key": ("kms", "key/{name}"),
    "AWS::Lambda::Alias": ("lambda", "function:{name}"),
    "AWS::Lambda::Function": ("lambda", "function:{name}"),
    "AWS::Lambda::Version": ("lambda", "function:{name}:1"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{name}:*"),
    "AWS::S3::Bucket": ("s3", "{name}"),
    "AWS::SNS::Topic": ("sns", "{name}"),
    "AWS::SQS::Queue": ("sqs", "{name}"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:{name}"),
    "AWS::Serverless::Function": ("lambda", "function:{name}"),
    "AWS::Serverless::StateMachine": ("states", "stateMachine:{name}"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{name}"),
}
_REF_IS_ARN = frozenset({
    "AWS::CloudFormation::Stack", "AWS::CodeConnections::Connection", "AWS::CodeStarConnections::Connection",
    "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::SNS::Topic", "AWS::SecretsManager::Secret",
    "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"})
# these have a name and yet are referred to by an identity that AWS makes
_REF_IS_MADE_UP = frozenset({"AWS::CodeCommit::Repository", "AWS::KMS::Key", "AWS::ApiGateway::RestApi"})
# the ARN has a part that AWS makes, or one that the name does not say
_UNSURE_ARN = frozenset({
    "AWS::CloudFormation::Stack", "AWS::CodeConnections::Connection", "AWS::CodeStarConnections::Connection",
    "AWS::ApiGateway::RestApi", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::KMS::Key", "AWS::Lambda::Alias",
    "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::Lambda::Version",
    "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::SecretsManager::Secret"})
_ATTRIBUTE_IS_NAME = frozenset({
    "Name", "RepositoryName", "TopicName", "QueueName", "FunctionName", "RoleName", "StateMachineName"})
_ATTRIBUTE_IS_ARN = frozenset({"Arn", "TopicArn", "ConnectionArn", "FunctionArn", "RoleArn", "Id", "ServiceArn",
                               "TaskDefinitionArn", "PolicyArn", "AlarmArn"})


def name_property(kind: str) -> tuple[str, ...]:
    """The properties that may hold a resource's name, the likeliest first."""
    last = kind.rpartition("::")[2]
    return (f"{last}Name", "Name")


def named(kind: str, logical_id: str, stack: str = "") -> StandIn:
    """The name of a resource to which the template gives none. AWS makes one of stack, id and chance; that of a role
    begins with the stack's, because policies rest on it (`role/${AWS::StackName}*`)."""
    if kind == "AWS::IAM::Role" and stack:
        return StandIn(f"{stack}-{logical_id}"[:64])
    return StandIn(bucket_name(logical_id) if kind == "AWS::S3::Bucket" else logical_id)


def ref(kind: str, name: str, properties: Mapping[str, Any], place: tuple[str, str, str]) -> str:
    """What `Ref` gives. `place` is Region, account and partition."""
    if kind in _REF_IS_ARN:
        return arn_of(kind, name, properties, place)
    if kind in _REF_IS_MADE_UP:
        return StandIn(name)
    if kind == "AWS::SQS::Queue":
        return like(f"https://sqs.{place[0]}.amazonaws.com/{place[1]}/{name}", name, *place)
    return name


def attribute(kind: str, name: str, asked: str, properties: Mapping[str, Any], place: tuple[str, str, str]) -> str:
    """What `Fn::GetAtt` gives: a certain text where name and place make it, else a stand-in."""
    if asked in _ATTRIBUTE_IS_NAME or asked == f"{kind.rpartition('::')[2]}Name":
        return name
    if asked in _ATTRIBUTE_IS_ARN and (kind in _ARNS or asked.endswith("Arn")):
        return arn_of(kind, name, properties, place)
    addresses = {
        ("AWS::S3::Bucket", "DomainName"): f"{name}.s3.amazonaws.com",
        ("AWS::S3::Bucket", "RegionalDomainName"): f"{name}.s3.{place[0]}.amazonaws.com",
        ("AWS::S3::Bucket", "WebsiteURL"): f"http://{name}.s3-website.{place[0]}.amazonaws.com",
        ("AWS::CodeCommit::Repository", "CloneUrlHttp"):
            f"https://git-codecommit.{place[0]}.amazonaws.com/v1/repos/{name}",
        ("AWS::ECR::Repository", "RepositoryUri"): f"{place[1]}.dkr.ecr.{place[0]}.amazonaws.com/{name}",
        ("AWS::SQS::Queue", "QueueUrl"): f"https://sqs.{place[0]}.amazonaws.com/{place[1]}/{name}",
    }
    known = addresses.get((kind, asked))
    return like(known, name, *place) if known else StandIn(word(f"{name}-{asked.removeprefix('Outputs.')}"))


def arn_of(kind: str, name: str, properties: Mapping[str, Any], place: tuple[str, str, str]) -> str:
    """The resource's ARN; a stand-in where its name or place is one, or its type is not known here."""
    region, account, partition = place
    service, form = _ARNS.get(kind, ("", ""))
    if not service:
        return StandIn(arn(word(kind.split("::")[1].lower() if kind.count("::") > 1 else "custom"), word(name), *place))
    path = properties.get("Path")
    path = path if isinstance(path, str) and path.startswith("/") else "/"
    resource = form.format(name=name, path=path)
    if service in ("iam", "s3"):
        region, account = "", "" if service == "s3" else account
    text = like(arn(service, resource, region, account, partition), name, *place)
    return StandIn(text) if kind in _UNSURE_ARN else text

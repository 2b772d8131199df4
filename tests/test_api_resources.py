"""Tags and webhooks: what may be put, what is refused under which name, what is shown (9.2, 10)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.refused import Refused

from .api_stories import ACCOUNT, Story, ask

ARN = f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:"
HOOK: dict[str, Any] = {
    "name": "on-push", "targetPipeline": "web-shop", "targetAction": "App",
    "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{BranchName}"}],
    "authentication": "GITHUB_HMAC", "authenticationConfiguration": {"SecretToken": "s3cret"},
}


def refused(story: Story, operation: str, **request: Any) -> str:
    with pytest.raises(Refused) as refusal:
        story.called(operation, **request)
    return refusal.value.error


def tags(story: Story, arn: str = ARN + "web-shop") -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in ask(story.state, "ListTagsForResource", resourceArn=arn)["tags"]}


def tag(key: str, value: str = "") -> dict[str, str]:
    return {"key": key, "value": value}


def test_tags_come_and_go() -> None:
    story = Story()
    story.called("TagResource", resourceArn=ARN + "web-shop", tags=[tag("team", "shop"), tag("cost", "12")])
    story.called("TagResource", resourceArn=ARN + "web-shop", tags=[tag("team", "web")])
    assert tags(story) == {"cost": "12", "team": "web"}
    story.called("UntagResource", resourceArn=ARN + "web-shop", tagKeys=["cost", "never-there"])
    assert tags(story) == {"team": "web"}


def test_a_list_of_tags_has_pages() -> None:
    story = Story()
    story.called("TagResource", resourceArn=ARN + "web-shop", tags=[tag(key) for key in "abc"])
    first = ask(story.state, "ListTagsForResource", resourceArn=ARN + "web-shop", maxResults=2)
    rest = ask(story.state, "ListTagsForResource", resourceArn=ARN + "web-shop", nextToken=first["nextToken"])
    assert [one["key"] for one in (*first["tags"], *rest["tags"])] == ["a", "b", "c"]


@pytest.mark.parametrize("arn", [
    ARN + "web-shop/Prod",
    ARN + "actiontype:Custom/Build",
    f"arn:aws:codepipeline:us-east-1:{ACCOUNT}:web-shop",
    "arn:aws:codepipeline:eu-west-1:999999999999:web-shop",
])
def test_an_arn_that_names_nothing_that_has_tags(arn: str) -> None:
    assert refused(Story(), "ListTagsForResource", resourceArn=arn) == "InvalidArnException"


@pytest.mark.parametrize("resource", ["web-shoe", "webhook:on-push", "actiontype:Custom/Build/Jenkins/1"])
def test_an_arn_of_something_that_is_not_there(resource: str) -> None:
    assert refused(Story(), "TagResource", resourceArn=ARN + resource, tags=[]) == "ResourceNotFoundException"


def test_tags_that_aws_would_not_take() -> None:
    story, arn = Story(), ARN + "web-shop"
    assert refused(story, "TagResource", resourceArn=arn, tags=[tag("aws:team")]) == "InvalidTagsException"
    assert refused(story, "TagResource", resourceArn=arn, tags=[tag("a"), tag("a")]) == "InvalidTagsException"
    assert refused(story, "TagResource", resourceArn=arn, tags=[tag("a", "5 < 6")]) == "InvalidTagsException"
    assert refused(story, "UntagResource", resourceArn=arn, tagKeys=["AWS:team"]) == "InvalidTagsException"
    story.called("TagResource", resourceArn=arn, tags=[tag(f"key{n}") for n in range(50)])
    story.called("TagResource", resourceArn=arn, tags=[tag("key1", "again")])
    assert refused(story, "TagResource", resourceArn=arn, tags=[tag("one-more")]) == "TooManyTagsException"


def hooks(story: Story) -> list[dict[str, Any]]:
    return list(ask(story.state, "ListWebhooks")["webhooks"])


def test_a_webhook_is_put_and_its_secret_is_not_shown() -> None:
    story = Story()
    given = story.called("PutWebhook", webhook=HOOK, tags=[tag("team", "shop")])["webhook"]
    assert given["arn"] == ARN + "webhook:on-push"
    assert given["url"].startswith("https://")
    assert given["definition"]["authenticationConfiguration"] == {"SecretToken": "****"}
    assert hooks(story) == [given]
    assert tags(story, given["arn"]) == {"team": "shop"}
    assert story.state.webhooks["on-push"]["definition"]["authenticationConfiguration"] == {"SecretToken": "s3cret"}


def test_a_webhook_of_the_same_name_is_changed_and_keeps_its_url() -> None:
    story = Story()
    before = story.called("PutWebhook", webhook=HOOK)["webhook"]
    story.called("RegisterWebhookWithThirdParty", webhookName="on-push")
    open_to_all = {**HOOK, "authentication": "UNAUTHENTICATED", "authenticationConfiguration": {}}
    after = story.called("PutWebhook", webhook=open_to_all)["webhook"]
    assert (len(hooks(story)), after["url"]) == (1, before["url"])
    assert story.state.webhooks["on-push"]["registered"]


def test_a_webhook_says_when_it_last_started_its_pipeline() -> None:
    story = Story()
    story.called("PutWebhook", webhook=HOOK)
    assert "lastTriggered" not in hooks(story)[0]
    story.at(300).starts(1, trigger="Webhook", detail="App")
    assert hooks(story)[0]["lastTriggered"].minute == 5


def test_a_webhook_is_deleted_and_deleting_it_again_is_no_error() -> None:
    story = Story()
    story.called("PutWebhook", webhook=HOOK)
    for _ in range(2):
        story.called("DeleteWebhook", name="on-push")
    assert hooks(story) == []


def test_a_webhook_is_registered_with_its_third_party() -> None:
    story = Story()
    assert refused(story, "RegisterWebhookWithThirdParty", webhookName="on-push") == "WebhookNotFoundException"
    story.called("PutWebhook", webhook=HOOK)
    story.called("RegisterWebhookWithThirdParty", webhookName="on-push")
    assert story.state.webhooks["on-push"]["registered"]
    story.called("DeregisterWebhookWithThirdParty", webhookName="on-push")
    assert not story.state.webhooks["on-push"]["registered"]


@pytest.mark.parametrize(("change", "error"), [
    ({"targetPipeline": "web-shoe"}, "PipelineNotFoundException"),
    ({"targetAction": "Compile"}, "ValidationException"),
    ({"filters": [{"jsonPath": "ref"}]}, "InvalidWebhookFilterPatternException"),
    ({"filters": [{"jsonPath": "$.ref", "matchEquals": "{Branch}"}]}, "InvalidWebhookFilterPatternException"),
    ({"authenticationConfiguration": {}}, "InvalidWebhookAuthenticationParametersException"),
    ({"authenticationConfiguration": {"AllowedIPRange": "192.0.2.0/24"}},
     "InvalidWebhookAuthenticationParametersException"),
    ({"authentication": "IP", "authenticationConfiguration": {"AllowedIPRange": "192.0.2.0/99"}},
     "InvalidWebhookAuthenticationParametersException"),
    ({"authentication": "UNAUTHENTICATED"}, "InvalidWebhookAuthenticationParametersException"),
])
def test_a_webhook_that_is_refused(change: dict[str, Any], error: str) -> None:
    assert refused(Story(), "PutWebhook", webhook={**HOOK, **change}) == error


def test_the_account_has_300_webhooks_at_most() -> None:
    story = Story()
    for number in range(300):
        story.called("PutWebhook", webhook={**HOOK, "name": f"hook{number}"})
    assert refused(story, "PutWebhook", webhook=HOOK) == "LimitExceededException"
    story.called("PutWebhook", webhook={**HOOK, "name": "hook7"})


def test_webhooks_come_in_pages_with_a_capital_token() -> None:
    story = Story()
    for name in "abc":
        story.called("PutWebhook", webhook={**HOOK, "name": name})
    first = ask(story.state, "ListWebhooks", MaxResults=2)
    second = ask(story.state, "ListWebhooks", MaxResults=2, NextToken=first["NextToken"])
    assert [one["definition"]["name"] for one in (*first["webhooks"], *second["webhooks"])] == ["a", "b", "c"]
    assert refused(story, "ListWebhooks", NextToken="abc") == "InvalidNextTokenException"

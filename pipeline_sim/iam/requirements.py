"""Which calls the service role makes for an action or a rule, on which resources (8.1, section 2, 2.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..ids import account_of
from ..pipeline.model import Action, Pipeline, Rule
from .requirement import Requirement, partition
from .resources import ALTERNATIVES, resources_of
from .usage import calls_of, is_essential
from .wildcards import UNSAID

PIPELINE_LETTERS, ARTIFACT_LETTERS = 20, 10
"""How much of the two names a key in the artifact bucket shows (3)."""


def requirements(
    work: Action | Rule, settings: Mapping[str, str], pipeline: Pipeline, region: str, account: str, *,
    documented: bool = False,
) -> list[Requirement]:
    """What must be allowed so that an action, or a condition's rule, can do its work in a Region.

    `settings` is its configuration with variables resolved. Each requirement names the role that must have it: the
    action's own, or the pipeline's. Only what the work cannot be done without; with `documented` also what the guide
    lists besides.
    """
    role = work.role_arn or pipeline.role_arn
    where = _Place(work, settings, pipeline, region, account_of(work.role_arn or "") or account, role)
    found = [*_assume(work, pipeline), *_provider(where), *_secrets(where), *_artifacts(where)]
    return [need for need in found if documented or need.essential]


@dataclass(frozen=True)
class _Place:
    """Where work is done, and who does it."""

    work: Action | Rule
    settings: Mapping[str, str]
    pipeline: Pipeline
    region: str
    account: str
    role: str

    @property
    def partition(self) -> str:
        return partition(self.region)

    @property
    def names(self) -> dict[str, str]:
        """What may stand in braces in a resource."""
        return {**self.settings, "partition": self.partition, "region": self.region, "account": self.account,
                "pipeline": self.pipeline.name}


def _assume(work: Action | Rule, pipeline: Pipeline) -> Iterator[Requirement]:
    """An action with a role of its own: the service role takes it on (2.6)."""
    if work.role_arn and work.role_arn != pipeline.role_arn:
        yield Requirement("sts:AssumeRole", work.role_arn, {}, pipeline.role_arn)


def _provider(where: _Place) -> Iterator[Requirement]:
    for action in calls_of(where.work, where.settings):
        for resource, context in resources_of(where.work, action, where.names):
            yield Requirement(action, resource, context, where.role, is_essential(where.work, action),
                              ALTERNATIVES.get(action, ()))


def _secrets(where: _Place) -> Iterator[Requirement]:
    """A Commands action reads the secrets that its environment variables name (2.5)."""
    for variable in getattr(where.work, "environment_variables", ()):
        if variable.get("type") == "SECRETS_MANAGER":
            name = variable.get("value", UNSAID).partition(":")[0]
            arn = f"arn:{where.partition}:secretsmanager:{where.region}:{where.account}:secret:{name}{UNSAID}"
            yield Requirement("secretsmanager:GetSecretValue", arn, {}, where.role)


# ---------------------------------------------------------------------------------------------- artifacts (2.6, 3)

_OF_THE_BUCKET = ("s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket")


def _artifacts(where: _Place) -> Iterator[Requirement]:
    """Reading inputs and writing outputs in the artifact bucket of the Region, and the customer's key if it has one.

    A CodeBuild project and EC2 instances fetch artifacts with roles of their own, so a role that is the action's alone
    need not [policies that the CDK writes].
    """
    inputs, outputs = where.work.inputs, getattr(where.work, "outputs", ())
    store = where.pipeline.stores.get(where.region) or where.pipeline.stores.get("")
    if store is None or not (inputs or outputs):
        return
    needed = not (where.work.provider in ("CodeBuild", "EC2") and where.work.role_arn)
    bucket = f"arn:{where.partition}:s3:::{store.location}"
    for names, needed_call, others in ((inputs, "s3:GetObject", ["s3:GetObjectVersion"]),
                                          (outputs, "s3:PutObject", [])):
        for name in names:
            key = f"{bucket}/{where.pipeline.name[:PIPELINE_LETTERS]}/{name[:ARTIFACT_LETTERS]}/{UNSAID}"
            yield Requirement(needed_call, key, {}, where.role, needed)
            yield from (Requirement(other, key, {}, where.role, False) for other in others)
    yield from (Requirement(action, bucket, {}, where.role, False) for action in _OF_THE_BUCKET)
    if store.key_id:
        yield from _key(where, store.key_id, bool(inputs) and needed, bool(outputs) and needed)


def _key(where: _Place, key: str, reads: bool, writes: bool) -> Iterator[Requirement]:
    arn = key if key.startswith("arn:") else f"arn:{where.partition}:kms:{where.region}:{where.account}:key/{key}"
    if ":alias/" in arn or key.startswith("alias/"):
        arn = f"arn:{where.partition}:kms:{where.region}:{account_of(arn) or where.account}:key/{UNSAID}"
    for action, needed in (("Decrypt", reads), ("GenerateDataKey", writes), ("DescribeKey", False), ("Encrypt", False),
                           ("ReEncryptFrom", False), ("ReEncryptTo", False)):
        yield Requirement(f"kms:{action}", arn, {}, where.role, needed)

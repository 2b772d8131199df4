"""What it costs to bring one's own pipeline: large templates, real histories, scenarios learnt from them.

    python benchmarks/bring.py

A template of one megabyte is to load within two seconds; a hostile one is to be refused sooner than that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import model
import yaml

from pipeline_sim import Scenario, Simulation, Unreadable, history
from pipeline_sim.export.aws import documents
from pipeline_sim.history.fit import calibrate
from pipeline_sim.pipeline.cloudformation import pipelines, to_cloudformation

MEGABYTE = 1_000_000
GOAL = 2.0


def timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """The best of three, in seconds, and what came of it."""
    best, found = float("inf"), None
    for _ in range(3):
        begins = time.perf_counter()
        found = do()
        best = min(best, time.perf_counter() - begins)
    return best, found


def large_template() -> str:
    """A template with one pipeline and so many roles and rules around it that it is a megabyte."""
    parts = [to_cloudformation(model.structure())]
    size = len(parts[0])
    for number in range(100_000):
        part = (f"  Role{number}:\n    Type: AWS::IAM::Role\n    Properties:\n"
                f"      RoleName: !Sub role-${{AWS::Region}}-{number}\n"
                f"      ManagedPolicyArns: [!Sub 'arn:${{AWS::Partition}}:iam::aws:policy/p{number}']\n"
                f"      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: 's3:*', "
                f"Resource: !GetAtt Bucket{number}.Arn}}]}}}}]\n  Bucket{number}: {{Type: AWS::S3::Bucket}}\n")
        parts.append(part)
        size += len(part)
        if size > MEGABYTE:
            break
    return "".join(parts)


def hostile_templates() -> dict[str, str]:
    """Documents that would blow up a careless reader."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    pipeline = "Resources: {P: {Type: 'AWS::CodePipeline::Pipeline', Properties: {Name: "
    return {"alias bomb": bomb + pipeline + "x}}}\n", "cycle": f"{pipeline}&a [*a]}}}}}}\n",
            "deep nesting": pipeline + "[" * 50_000 + "]" * 50_000 + "}}}\n",
            "deep JSON": '{"Resources": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"}


def refused(text: str) -> str:
    try:
        pipelines(text)
    except Unreadable as problem:
        return str(problem)
    return "NOT REFUSED"


def main() -> None:
    text = large_template()
    took, found = timed(lambda: pipelines(text))
    loads, _ = timed(lambda: list(yaml.parse(text, yaml.CSafeLoader)))
    print(f"template of {len(text):,} characters: {took:.2f} s ({len(found)} pipeline); goal {GOAL} s; "
          f"libyaml's parser alone {loads:.2f} s, ratio {took / loads:.1f}")
    for name, bad in hostile_templates().items():
        took, why = timed(lambda bad=bad: refused(bad))  # type: ignore[misc]
        print(f"{name}: refused in {took:.3f} s: {why[:110]}")
    world = Scenario({**model.scenario().data, "pushes": [{"every": "1h", "for": "60d"}]})
    run = Simulation(model.pipeline(), world, seed=1)
    took, _ = timed(lambda: Simulation(run.pipelines, run.scenario, seed=1).run("60d"))
    run.run("60d")
    text = "\n".join(json.dumps(one) for one in documents(run.state, "shop").values())
    read, past = timed(lambda: history.loads(text))
    replay, _ = timed(lambda: history.Replay(past).state)
    learn, _ = timed(lambda: calibrate(past))
    print(f"history of {len(past.executions):,} executions, {len(past.attempts):,} attempts, {len(text):,} characters: "
          f"simulated in {took:.2f} s, read in {read:.2f} s, replayed in {replay:.2f} s, learnt from in {learn:.2f} s")


if __name__ == "__main__":
    main()

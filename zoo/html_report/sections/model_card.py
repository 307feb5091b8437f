"""The model card (Mitchell et al. 2019, arXiv:1810.03993): what it is, from what, and its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from zoo.html_report.blocks import Block, Section, Table, Text
from zoo.html_report.findings import Findings
from zoo.members.member import Member
from zoo.models.plan import Plan
from zoo.models.registry import spec
from zoo.state.run_record import versions

HEADS = ("member", "backbone", "starts from", "licence", "images", "seed", "minutes", "key")


def section(findings: Findings) -> Section:
    """Say what there is to say to whoever gets the model."""
    state, run = findings.state, findings.run
    facts = {
        "purpose": f"to tell {len(state.class_names)} classes of images apart: {', '.join(state.class_names)}",
        "input": f"{state.image_size[1]}x{state.image_size[0]} pixels, 8-bit RGB",
        "rule": f"{state.method} of {len(state.members)} members; doubt by {state.uncertainty}",
        "trained on": f"{len(state.provenance.train):,} images; chosen by {len(state.provenance.validation):,} others",
        **({"command": run.command, "data": run.source, "started": run.started} if run else {}),
        **({"minutes": f"{run.seconds / 60:.1f}"} if run else {}),
        **({"machine": ", ".join(f"{name} {value}" for name, value in run.machine.items())} if run else {}),
        "versions": ", ".join(f"{name} {value}" for name, value in (run.versions if run else versions()).items()),
        "licences": _licences(state.members),
    }
    limits = (
        "It answers every image with one of its classes, also images that show none of them. Its scores hold for "
        "images like those above, and promise nothing for images of another origin."
    )
    members = [_member(key, member) for key, member in zip(state.keys, state.members, strict=True)]
    blocks: list[Block] = [
        Table(("", ""), [[name, value] for name, value in facts.items()], sorts=False),
        Table(HEADS, members, sorts=False),
        Text(limits, warns=True),
    ]
    numbers = {**facts, "limits": limits, "members": [dict(zip(HEADS, row, strict=True)) for row in members]}
    return Section("model_card", "Model card", blocks, numbers)


def _member(key: str, member: Member) -> list[str]:
    plans = member.networks
    trained = "" if member.trained_on is None else f"{member.trained_on:,}"
    return [
        member.name,
        _each(plan.backbone for plan in plans) or "a Keras model from elsewhere",
        _each(_starts_from(plan) for plan in plans),
        _each(spec(plan.backbone).licence for plan in plans if plan.pretrained),
        trained,
        _each(str(plan.seed) for plan in plans),
        f"{member.seconds / 60:.1f}" if member.seconds else "",
        key,
    ]


def _starts_from(plan: Plan) -> str:
    """A file by its name alone: its folder says something of the machine, and nothing of the model."""
    source = str(plan.weights) if plan.pretrained else "scratch"
    return source if "://" in source else Path(source).name


def _each(words: Iterable[str]) -> str:
    """Different words, in their order."""
    return ", ".join(dict.fromkeys(word for word in words if word))


def _licences(members: Sequence[Member]) -> str:
    pretrained = [plan for member in members for plan in member.networks if plan.pretrained]
    if not pretrained and all(member.networks for member in members):
        return "trained from scratch: the licence of the images, and of the user, holds"
    records = [spec(plan.backbone) for plan in pretrained]
    known = sorted({f"{record.licence} ({record.family})" for record in records if record.licence})
    terms = sorted({record.terms for record in records if record.terms})
    own = "pretrained weights have licences of their own: see the source of each; the user's images have theirs"
    return ". ".join([own, *([f"Official weights: {', '.join(known)}"] if known else []), *terms])

"""Builds the sample estate: `python -m sample.build [--into FOLDER] [--seed N]`.

Writes `snapshot/`, `answers.json` and `ANSWERS.md` into the folder; the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from sample.estate import ai_stories, shadow
from sample.estate.answer import markdown
from sample.estate.calls import calls, members
from sample.estate.decoys import DECOYS, NOTES
from sample.estate.policy import Json
from sample.estate.snapshot import write
from sample.estate.stories_conditional import STORIES as CONDITIONAL
from sample.estate.stories_dev import STORIES as IN_DEV
from sample.estate.stories_prod import STORIES as IN_PROD

SEED = 20261102


def build(into: Path, *, seed: int = SEED) -> None:
    """Write the estate's snapshot with its answers; an earlier snapshot in the folder is replaced."""
    snapshot = into / "snapshot"
    if (snapshot / "manifest.jsonl").exists():
        shutil.rmtree(snapshot)
    write(list(calls(seed)), snapshot)
    stories = sorted(
        (*IN_PROD, *IN_DEV, *CONDITIONAL, *ai_stories.STORIES), key=lambda story: story.id
    )
    decoys = (*DECOYS, *ai_stories.DECOYS)
    answers: Json = {
        "format": 1,
        "stories": [story.plain() for story in stories],
        "decoys": [decoy.plain() for decoy in decoys],
        "shadow": shadow.truths(members(seed)),
    }
    text = json.dumps(answers, ensure_ascii=False, indent=2) + "\n"
    (into / "answers.json").write_text(text, encoding="utf-8", newline="\n")
    page = markdown(stories, decoys, NOTES) + shadow.markdown(shadow.truths(members(seed)))
    (into / "ANSWERS.md").write_text(page, encoding="utf-8", newline="\n")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build the sample estate.")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    build(options.into, seed=options.seed)


if __name__ == "__main__":
    main()
